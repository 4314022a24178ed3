"""The one command: `python3 -m review_app`. It needs nothing but Python itself.

This file and the package's own are kept readable to old Pythons, so that they can say what is needed.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit(
        "This needs Python 3.11 or newer, and this is Python {}.{}.\n"
        "Install a newer one (on Debian 12: apt-get install -y python3), then type: python3.11 -m review_app".format(
            *sys.version_info[:2]
        )
    )

from review_app.starting.entrance import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
