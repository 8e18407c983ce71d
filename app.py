"""The web chat: ``python app.py``, with HOST and PORT from the environment."""

from contextlib import suppress

import chat
from corpus.errors import as_exit_code

if __name__ == "__main__":
    with as_exit_code(), suppress(KeyboardInterrupt):  # stopping it is no failure to make
        chat.serve()
