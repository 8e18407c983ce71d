"""How the reader is trained: ``python -m qa.reader.train --data FOLDER --out FOLDER``."""
