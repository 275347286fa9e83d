"""Packs a program as the code of a Lambda function: a zip that holds it as `bootstrap`.

usage: pack_function.py PROGRAM OUT

The SAM command would pack it once for every function that has it. Speed is worth more than size here: nothing but this
machine reads the file.
"""

import sys
import zipfile


def main():
    program, out = sys.argv[1:]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as pack:
        entry = zipfile.ZipInfo("bootstrap")
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o100755 << 16
        with open(program, "rb") as file:
            pack.writestr(entry, file.read(), compresslevel=1)


if __name__ == "__main__":
    main()
