"""Models: layers put together, trained and saved.

Names, arguments and defaults are those of ``keras.Sequential`` and ``keras.Model``.
"""

from __future__ import annotations

from glassnet.models.adversarial import (
    discriminator_loss,
    discriminator_loss_gradient,
    generator_loss,
    generator_loss_gradient,
    jensen_shannon,
    mode_counts,
    modes_covered,
    optimal_discriminator,
    value_function,
)
from glassnet.models.architectures import (
    INCEPTION_MODULES,
    VGG,
    VGG11,
    VGG16,
    AlexNet,
    GoogLeNet,
    Inception,
    LeNet5,
    ResNet,
    ResNet20,
    ResNet50,
    bottleneck_block,
    inception_module,
    residual_block,
)
from glassnet.models.autoencoder import Autoencoder
from glassnet.models.boltzmann import (
    contrastive_divergence,
    energy,
    free_energy,
    gibbs_step,
    hidden_probabilities,
    sample_bits,
    visible_probabilities,
)
from glassnet.models.corruption import (
    gaussian_noise,
    masking_noise,
    salt_and_pepper_noise,
)
from glassnet.models.counting import (
    LayerRow,
    LayerTable,
    count_multiply_adds,
    layer_table,
    multiply_adds,
)
from glassnet.models.dbn import DBN
from glassnet.models.decoding import (
    beam_search,
    greedy_decode,
)
from glassnet.models.encoder_decoder import EncoderDecoder
from glassnet.models.filling import fill_in
from glassnet.models.functional import Functional
from glassnet.models.gan import GAN
from glassnet.models.inspection import (
    ReceptiveField,
    class_activation_map,
    influence,
    layer_outputs,
    receptive_field,
)
from glassnet.models.partition import (
    annealed_log_partition,
    binary_states,
    likelihood_gradient,
    log_likelihood,
    log_partition,
)
from glassnet.models.rbm import RBM
from glassnet.models.seq2seq import Seq2Seq
from glassnet.models.sequential import Sequential
from glassnet.models.training import Model
from glassnet.models.transformer import Transformer
from glassnet.models.unsupervised import UnsupervisedModel

__all__ = [
    "DBN",
    "GAN",
    "INCEPTION_MODULES",
    "RBM",
    "VGG",
    "VGG11",
    "VGG16",
    "AlexNet",
    "Autoencoder",
    "EncoderDecoder",
    "Functional",
    "GoogLeNet",
    "Inception",
    "LayerRow",
    "LayerTable",
    "LeNet5",
    "Model",
    "ReceptiveField",
    "ResNet",
    "ResNet20",
    "ResNet50",
    "Seq2Seq",
    "Sequential",
    "Transformer",
    "UnsupervisedModel",
    "annealed_log_partition",
    "beam_search",
    "binary_states",
    "bottleneck_block",
    "class_activation_map",
    "contrastive_divergence",
    "count_multiply_adds",
    "discriminator_loss",
    "discriminator_loss_gradient",
    "energy",
    "fill_in",
    "free_energy",
    "gaussian_noise",
    "generator_loss",
    "generator_loss_gradient",
    "gibbs_step",
    "greedy_decode",
    "hidden_probabilities",
    "inception_module",
    "influence",
    "jensen_shannon",
    "layer_outputs",
    "layer_table",
    "likelihood_gradient",
    "log_likelihood",
    "log_partition",
    "masking_noise",
    "mode_counts",
    "modes_covered",
    "multiply_adds",
    "optimal_discriminator",
    "receptive_field",
    "residual_block",
    "salt_and_pepper_noise",
    "sample_bits",
    "value_function",
    "visible_probabilities",
]
