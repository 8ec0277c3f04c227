"""The same DCGAN in PyTorch, the reference of the speed benchmarks (optional: needs torch).

Written for this comparison from the network's description: same layers, same losses, one
generator pass for both updates, Adam 2e-4 (0.5, 0.999).
"""

import torch
from torch import nn


def networks(width: int = 64, channels: int = 3, latent_dim: int = 100) -> tuple[nn.Module, nn.Module]:
    """Generator and discriminator for 64x64 pictures."""
    filters = [8 * width, 4 * width, 2 * width, width]
    g: list[nn.Module] = []
    before = latent_dim
    for i, after in enumerate(filters):
        step = {"stride": 2, "padding": 1} if i else {}
        g += [nn.ConvTranspose2d(before, after, 4, bias=False, **step), nn.BatchNorm2d(after), nn.ReLU(True)]
        before = after
    g += [nn.ConvTranspose2d(before, channels, 4, 2, 1, bias=False), nn.Tanh()]
    d: list[nn.Module] = []
    before = channels
    for i, after in enumerate(reversed(filters)):
        d += [nn.Conv2d(before, after, 4, 2, 1, bias=False)]
        d += [nn.BatchNorm2d(after)] if i else []
        d += [nn.LeakyReLU(0.2, True)]
        before = after
    d += [nn.Conv2d(before, 1, 4, bias=False), nn.Flatten()]
    return nn.Sequential(*g), nn.Sequential(*d)


def initialise(network: nn.Module) -> None:
    """Radford's weights: N(0, 0.02), and N(1, 0.02) for the scale of BatchNorm."""
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        elif isinstance(layer, nn.BatchNorm2d):
            nn.init.normal_(layer.weight, 1.0, 0.02)
            nn.init.zeros_(layer.bias)


class TorchStep:
    """One training step, called without arguments, on the pictures `real`: random, unless others are set."""

    def __init__(
        self,
        batch: int,
        *,
        width: int = 64,
        channels_last: bool = False,
        compiled: bool = False,
        bfloat16: bool = False,
        real_label: float = 0.9,
        seed: int = 0,
    ):
        torch.manual_seed(seed)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self.g, self.d = (net.to(memory_format=layout) for net in networks(width))
        self.g_optimizer = torch.optim.Adam(self.g.parameters(), 2e-4, betas=(0.5, 0.999))
        self.d_optimizer = torch.optim.Adam(self.d.parameters(), 2e-4, betas=(0.5, 0.999))
        self.real = (torch.rand(batch, 3, 64, 64) * 2 - 1).contiguous(memory_format=layout)
        self.loss = nn.BCEWithLogitsLoss()
        self.smooth, self.zero, self.one = (torch.full((batch, 1), value) for value in (real_label, 0.0, 1.0))
        self.bfloat16 = bfloat16
        self.run = torch.compile(self._step) if compiled else self._step

    def __call__(self) -> None:
        with torch.autocast("cpu", torch.bfloat16, enabled=self.bfloat16):
            self.run()

    def _step(self) -> None:
        latents = torch.randn(len(self.real), 100, 1, 1)
        fake = self.g(latents)
        self.d_optimizer.zero_grad(set_to_none=True)
        d_loss = self.loss(self.d(self.real).float(), self.smooth) + self.loss(
            self.d(fake.detach()).float(), self.zero
        )
        d_loss.backward()
        self.d_optimizer.step()
        self.g_optimizer.zero_grad(set_to_none=True)
        # The generator's update needs no gradient of D's weights.
        g_loss = self.loss(self.d(fake).float(), self.one)
        g_loss.backward(inputs=list(self.g.parameters()))
        self.g_optimizer.step()
