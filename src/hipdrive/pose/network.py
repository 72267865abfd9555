"""Running a network: LiteRT always, OpenVINO where it is installed and asked for.

Always in f32: on processors with AMX, OpenVINO's own default (bf16) moves world landmarks by 20 to 100 mm.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from hipdrive.errors import HipdriveError

Network = Callable[[NDArray[np.float32]], Sequence[NDArray[np.float32]]]
"""A picture, shape (1, side, side, 3), to the outputs of the network."""

RUNTIMES: Final = ("litert", "openvino")


def load_networks(path: Path, count: int, runtime: str = "litert") -> list[Network]:
    """Load a .tflite file so that it can be run on several pictures at once, each on one processor thread.

    Parameters
    ----------
    path : Path
    count : int
        How many pictures at once.
    runtime : {"litert", "openvino"}

    Returns
    -------
    list of Network
        One for each of the pictures; each may be called from its own thread.

    Raises
    ------
    HipdriveError
        When the runtime is unknown or not installed.
    """
    if runtime == "litert":
        return [_litert(path) for _ in range(count)]
    if runtime == "openvino":
        return _openvino(path, count)
    raise HipdriveError(f"no runtime is called {runtime}: choose from {', '.join(RUNTIMES)}")


def _litert(path: Path) -> Network:
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    picture = interpreter.get_input_details()[0]["index"]
    outputs = [output["index"] for output in interpreter.get_output_details()]

    def run(x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        interpreter.set_tensor(picture, x)
        interpreter.invoke()
        return [interpreter.get_tensor(output) for output in outputs]

    return run


def _openvino(path: Path, count: int) -> list[Network]:
    try:
        import openvino
    except ImportError as error:
        raise HipdriveError("OpenVINO is not installed: pip install 'hipdrive[openvino]'") from error
    # one model with a stream for each picture: the streams share the weights, and are not pinned to one core
    model: Any = openvino.Core().compile_model(
        str(path),
        "CPU",
        {"NUM_STREAMS": count, "INFERENCE_NUM_THREADS": count, "INFERENCE_PRECISION_HINT": "f32"},
    )

    def network() -> Network:
        request = model.create_infer_request()

        def run(x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
            request.infer([x], share_inputs=True)
            return [request.get_output_tensor(i).data.copy() for i in range(len(model.outputs))]

        return run

    return [network() for _ in range(count)]
