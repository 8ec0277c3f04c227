"""What other projects call the same things: so that a word from there is answered with the one from here."""

import difflib
from collections.abc import Iterable, Sequence

# Our key, and the words that users of other GAN code bring for it (without their -- and in lower case).
KEYS = {
    "model.image_size": """
        imagesize img_size imgsize image_dim imsize im_size size resolution res fine_size crop_size
        load_size image_height image_width target_size side
    """,
    "model.channels": "num_channels img_channels image_channels input_nc output_nc nc n_channels",
    "model.latent_dim": "z_dim zdim nz dim_z latent latent_size noise_dim code_size z_size latent_dims",
    "model.width": """
        ngf ndf nf base_channels conv_dim dim ch fmap_base cbase gf_dim df_dim num_filters
        hidden_dim filters
    """,
    "model.norm": "normalization norm_layer d_norm",
    "model.num_classes": "n_classes nclass nclasses classes_count label_dim",
    "train.batch_size": """
        batch batchsize bs batch_gpu mini_batch minibatch minibatch_size train_batch_size
        per_device_train_batch_size
    """,
    "train.learning_rate": """
        lr g_lr glr lr_g gen_lr generator_lr init_lr base_lr initial_learning_rate g_learning_rate
    """,
    "train.d_learning_rate": "d_lr dlr lr_d disc_lr discriminator_lr",
    "train.beta_1": "beta1 adam_beta1 b1 betas momentum",
    "train.beta_2": "beta2 adam_beta2 b2",
    "train.epsilon": "eps adam_eps adam_epsilon",
    "train.d_steps": "n_critic ncritic critic_iters d_iters num_d_steps disc_iters critic_steps d_updates",
    "train.ema_decay": "ema ema_kimg ema_rate use_ema",
    "train.penalties": "gp lambda_gp gradient_penalty gp_weight r1 r1_gamma gamma gp_lambda penalty",
    "train.weight_clip": "clip_value clip weight_clipping clip_weights",
    "train.augment": "aug diffaug diff_augment augmentation ada augpipe",
    "train.spectral_norm": "sn use_sn spectral",
    "train.keep": "max_checkpoints keep_checkpoint_max save_total_limit",
    "train.grid_every": """
        sample_interval sample_every sample_freq sample_step display_freq image_snapshot_ticks
    """,
    "train.precision": "mixed_precision amp fp16 bf16 half use_amp dtype use_fp16 float16 bfloat16 fp32",
    "train.images": """
        kimg total_kimg epochs num_epochs n_epochs epoch max_epochs steps num_steps max_steps
        total_steps iterations num_iterations n_iter niter iters max_iter max_iters total_iters
        num_train_steps train_steps nepoch budget
    """,
    "train.seed": "manual_seed random_seed manualseed rng_seed",
    "train.checkpoint_every": """
        save_interval save_every save_freq save_steps snap save_epoch_freq checkpoint_interval
        checkpoint_freq save_step model_save_step
    """,
    "train.eval_every": "metrics fid eval_interval eval_freq calc_fid fid_every evaluate_every",
    "loss": "gan_mode loss_type adv_loss gan_loss criterion loss_fn",
    "data.source": """
        data dataset dataroot data_dir data_path datapath data_root datadir dataset_dir dataset_path
        train_dir train_data input input_dir image_dir images_dir img_dir image_folder folder path
        root imagefolder
    """,
    "data.label": "label_column labels cond class_cond conditional class_column",
    "data.labels_csv": "label_file labels_file annotations csv metadata",
    "data.flip": "mirror hflip horizontal_flip random_flip xflip",
    "data.cache_dir": "cache cache_folder cachedir",
    "data.test_share": "val_split validation_split test_split val_ratio test_size",
}
_MEANT = {word: key for key, words in KEYS.items() for word in words.split()}

# What to write where the word's own value would mean something else here.
VALUES = {
    "train.images": "NUMBER",
    "train.precision": "mixed_float16",
    "train.penalties": "r1",
    "train.augment": "{translation=0.125}",
    "train.ema_decay": "0.999",
    "loss": "hinge",
    "data.flip": "true",
}
REASONS = {
    "train.images": "time is counted in images seen, epochs times pictures or steps times batch size",
}


def line(key: str, word: str, value: str) -> str:
    """The setting to type for a word of other projects that was given with a value: `train.batch_size=64`."""
    own = plain_word(word).rpartition(".")[2] == key.rpartition(".")[2]
    return f"{key}={value if own and value else VALUES.get(key, value or 'VALUE')}"


def plain_word(word: str) -> str:
    """A word without what differs between habits: `--Image-Size` is image_size."""
    return word.strip().lstrip("-").replace("-", "_").lower()


def exact_key(word: str, paths: Sequence[str]) -> str | None:
    """The one of `paths` that a word means: its own last part, or what other projects call it."""
    word = plain_word(word)
    own = [path for path in paths if path.rpartition(".")[2] == word]
    return own[0] if own else _MEANT[word] if _MEANT.get(word) in paths else None


def key_of(word: str, paths: Sequence[str]) -> str | None:
    """The one of `paths` that a word means, misspelt or not."""
    last = {path.rpartition(".")[2]: path for path in reversed(paths)}
    near = difflib.get_close_matches(plain_word(word), last, n=1, cutoff=0.75)
    return exact_key(word, paths) or (last[near[0]] if near else None)


def nearest(word: str, names: Iterable[str]) -> str | None:
    """The name that is meant: spelt nearly so, or what other projects call it."""
    names = list(names)
    ours = _MEANT.get(plain_word(word), "").rpartition(".")[2]
    if ours in names:
        return ours
    return next(iter(difflib.get_close_matches(word, names, n=1)), None)
