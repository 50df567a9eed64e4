"""`make passwords`: new ones for the demo's sign-ins, shown once."""

import os

from trainingapp import config, create_app
from trainingapp.db import db
from trainingapp.demo import sign_ins


def main() -> None:
    var = config.folder(os.environ)
    app = create_app(config.load({**os.environ, "DEMO": "1", "SECRET_KEY": (var / "secret_key").read_text()}))
    with app.app_context():
        made = sign_ins.renew()
        db.session.commit()
    for one in made:
        print(f"{one.role:<14} {one.email:<32} {one.password}")  # noqa: T201 - this is a command


if __name__ == "__main__":
    main()
