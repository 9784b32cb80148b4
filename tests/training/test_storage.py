"""What a failed epoch is undone with."""

from __future__ import annotations

import numpy as np

from pronghorn.ir import Variable
from pronghorn.training.storage import Backup


def test_a_backup_of_zeros_puts_back_zeros_again_and_again() -> None:
    variable = Variable(np.zeros((512, 512), np.float32))
    backup = Backup([variable])
    for kept in (0.0, 3.0, 0.0):
        variable.assign(np.full((512, 512), kept, np.float32))
        backup.take()
        variable.assign(np.full((512, 512), 7, np.float32))
        backup.put_back()
        assert np.all(variable.numpy() == kept)
