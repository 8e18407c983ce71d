"""The web chat: ``python app.py``, with HOST and PORT from the environment."""

import sys

import chat
from corpus.errors import BijsluiterError

if __name__ == "__main__":
    try:
        chat.serve()
    except BijsluiterError as error:
        print(f"bijsluiter: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(0)
