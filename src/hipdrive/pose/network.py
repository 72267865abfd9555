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


def load_network(path: Path, runtime: str = "litert", threads: int = 1) -> Network:
    """Load a .tflite file.

    Parameters
    ----------
    path : Path
    runtime : {"litert", "openvino"}
    threads : int
        Processor threads that one call may use.

    Raises
    ------
    HipdriveError
        When the runtime is unknown or not installed.
    """
    if runtime == "litert":
        return _litert(path, threads)
    if runtime == "openvino":
        return _openvino(path, threads)
    raise HipdriveError(f"no runtime is called {runtime}: choose from {', '.join(RUNTIMES)}")


def _litert(path: Path, threads: int) -> Network:
    from ai_edge_litert.interpreter import Interpreter

    interpreter: Any = Interpreter(str(path), num_threads=threads)
    interpreter.allocate_tensors()
    picture = interpreter.get_input_details()[0]["index"]
    outputs = [output["index"] for output in interpreter.get_output_details()]

    def run(x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        interpreter.set_tensor(picture, x)
        interpreter.invoke()
        return [interpreter.get_tensor(output) for output in outputs]

    return run


def _openvino(path: Path, threads: int) -> Network:
    try:
        import openvino
    except ImportError as error:
        raise HipdriveError("OpenVINO is not installed: pip install 'hipdrive[openvino]'") from error
    model: Any = openvino.Core().compile_model(
        str(path),
        "CPU",
        {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"},
    )
    request = model.create_infer_request()

    def run(x: NDArray[np.float32]) -> list[NDArray[np.float32]]:
        request.infer([x], share_inputs=True)
        return [request.get_output_tensor(i).data.copy() for i in range(len(model.outputs))]

    return run
