"""`ganzoo-explore`: a page on this machine to look round in a trained generator."""

import importlib.util
import sys

from absl import flags

from ganzoo.base import extras
from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import LazyModule, import_tensorflow_quietly
from ganzoo.cli.app import command, define_integer, group
from ganzoo.explore import server
from ganzoo.training.trained import Trained, find

explorer, page = LazyModule("ganzoo.explore.explorer"), LazyModule("ganzoo.explore.page")
sample_request = LazyModule("ganzoo.cli.sample_request")

ABOUT = """Opens a page to explore the generator of a run directory, or weights by folder or by name:
other seeds, classes, truncation, the way between two seeds, with the recipe of each picture.
Nothing leaves this machine. Ctrl-C ends it. Needs the extra: pip install '.[explore]'

  ganzoo-explore runs/dcgan-1
  ganzoo-explore dcgan/paintings --port 8000 --nobrowser
  ganzoo-explore runs/dcgan-1 --host 0.0.0.0      for the telephone on the sofa, and everybody else there"""


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()
    flags.DEFINE_string("host", server.LOOPBACK, "the address to listen on", flag_values=values)
    define_integer("port", server.PORT, "the port to listen on", flag_values=values)
    flags.DEFINE_multi_string(
        "given", [], "what the model begins with besides a seed, as NAME=VALUE", flag_values=values
    )
    flags.DEFINE_bool("browser", True, "open the page in a browser", flag_values=values)
    flags.DEFINE_string(
        "checkpoint", "best", "which state: best, last or its images seen", flag_values=values
    )
    return group(
        values,
        {
            "what is explored": "checkpoint given",
            "where the page is": "host port browser",
        },
    )


def main(values: flags.FlagValues, word: str) -> None:
    """Checks what is asked for, loads the model and answers until Ctrl-C."""
    if importlib.util.find_spec("gradio") is None:
        raise UsageError(f"the page needs gradio; install with: {extras.install('explore')}")
    trained = checked(word, values.checkpoint)
    given = sample_request.given_words(trained.config, values.given)
    with server.listening(values.host, values.port) as host_socket:
        import_tensorflow_quietly()
        model = explorer.Explorer(word, trained.config, trained.load(values.checkpoint), given)
        if unfinished := trained.unfinished(model.gan):
            print(unfinished)
        app = page.app(model)
        address = server.url(values.host, values.port)
        print(f"the page is at {address} (Ctrl-C ends it)", flush=True)
        if not server.is_own(host_socket):
            print(
                f"warning: --host {values.host} lets anybody on the network use the page; "
                "leave it out to keep it on this machine",
                file=sys.stderr,
            )
        server.serve(app, host_socket, address, values.browser)


def checked(word: str, checkpoint: str) -> Trained:
    """What is to be explored. Raises a GanzooError if it is not there or makes no pictures."""
    trained = find(word)
    config = trained.config
    if not config.family.output.can_be_shown:
        shape = config.family.output.shape
        raise UsageError(f"{word} makes no pictures in grey or colour but {shape}")
    trained.check(checkpoint)  # before seconds go by
    return trained


def run() -> None:
    """Entry point of the console script."""
    sys.exit(command("ganzoo-explore", ABOUT, define_flags(), main, positional=("RUN|WEIGHTS",)))


if __name__ == "__main__":
    run()
