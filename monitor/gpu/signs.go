package gpu

import (
	"regexp"
	"sync"

	"uratori/internal/phrase"
)

// Kind is what a line of a job's log says of its GPU.
type Kind string

// The kinds of signs.
const (
	OutOfMemory   Kind = "out_of_memory" // the GPU's memory was not enough
	Application   Kind = "application"   // the program did something wrong on the GPU
	Hardware      Kind = "hardware"      // the GPU failed
	Setup         Kind = "setup"         // driver or libraries do not fit, or there is no GPU
	Communication Kind = "communication" // between GPUs
	Fallback      Kind = "cpu_fallback"  // the program goes on, without the GPU
	XidReport     Kind = "xid"           // the driver's own report; see [XidOf]
)

// Explain tells people what a kind means and what to do.
func (k Kind) Explain(lang phrase.Lang) string { return lang.Say("gpu.kind." + string(k)) }

// sign is a text that programs write when a GPU fails, or is not used. The first
// group of the pattern, if there is one, is an Xid.
type sign struct {
	kind    Kind
	source  string   // who writes it
	needles []string // one of them is in every such line; they are quicker to look for
	pattern *regexp.Regexp
}

// signs is compiled at the first use: most commands need none of it.
var signs = sync.OnceValue(func() []sign {
	var list []sign
	for _, row := range texts() {
		list = append(list, sign{row.kind, row.source, row.needles, regexp.MustCompile(row.pattern)})
	}
	return list
})

type text struct {
	kind    Kind
	source  string
	needles []string
	pattern string
}

// Causes that CUDA puts into the messages of all who use it (cudaGetErrorString
// of the runtime, cuGetErrorName of the driver).
const (
	wrongWork = `device-side assert triggered|an illegal memory access was encountered|unspecified launch failure|misaligned address|` +
		`the launch timed out and was terminated|an illegal instruction was encountered|invalid program counter|` +
		`operation not supported on global/shared address space|too many resources requested for launch|invalid configuration argument|` +
		`invalid argument|invalid resource handle`
	brokenCard = `uncorrectable ECC error encountered|hardware stack error|uncorrectable NVLink error detected|GPU is lost`
	badSetup   = `invalid device ordinal|no kernel image is available for execution on the device|no CUDA-capable device is detected|` +
		`all CUDA-capable devices are busy or unavailable|initialization error|unknown error|system not yet initialized|` +
		`CUDA driver version is insufficient|forward compatibility was attempted|the provided PTX was compiled with an unsupported toolchain|` +
		`driver shutting down|system has unsupported display driver`
	wrongWorkCode  = `ILLEGAL_ADDRESS|LAUNCH_FAILED|ASSERT|ILLEGAL_INSTRUCTION|MISALIGNED_ADDRESS|LAUNCH_TIMEOUT|INVALID_PC|INVALID_ADDRESS_SPACE`
	brokenCardCode = `ECC_UNCORRECTABLE|HARDWARE_STACK_ERROR|NVLINK_UNCORRECTABLE`
	badSetupCode   = `NO_DEVICE|INVALID_DEVICE|NOT_INITIALIZED|UNKNOWN|SYSTEM_DRIVER_MISMATCH|COMPAT_NOT_SUPPORTED_ON_DEVICE|` +
		`SYSTEM_NOT_READY|DEVICE_UNAVAILABLE|NO_BINARY_FOR_GPU|UNSUPPORTED_PTX_VERSION|STUB_LIBRARY`
)

// texts is the table; of several that fit a line the first counts. Each names
// the source file that writes the text, or says that it was seen in logs.
func texts() []text {
	return []text{
		// The kernel's log, when a job prints it. Linux: NVRM, nvidia.ko.
		{XidReport, "NVIDIA driver", []string{"NVRM: Xid"}, `NVRM: Xid \((?:PCI:)?[0-9a-fA-F:.]+[^)]{0,40}\): (\d{1,4})\b`},
		{Hardware, "NVIDIA driver", []string{"fallen off the bus"}, `NVRM: .*GPU has fallen off the bus`},

		// nvidia-smi, seen in logs.
		{Hardware, "nvidia-smi", []string{"device handle for"}, `Unable to determine the device handle for (?i:gpu)`},
		{Hardware, "nvidia-smi", []string{"GPU is lost"}, `GPU is lost\.\s+Reboot the system`},
		{Setup, "nvidia-smi", []string{"initialize NVML"}, `Failed to initialize NVML: \S`},
		{Setup, "nvidia-smi", []string{"NVIDIA-SMI has failed"}, `NVIDIA-SMI has failed because it couldn't communicate`},

		// Programs that go on without the GPU; before the errors that they quote.
		// torch/cuda/__init__.py: a warning, then device_count() is 0.
		{Fallback, "PyTorch", []string{"CUDA initialization: "}, `Warning: CUDA initialization: \S`},
		// torch/amp/autocast_mode.py, grad_scaler.py.
		{Fallback, "PyTorch", []string{"CUDA is not available"}, `but CUDA is not available\.\s+Disabling`},
		// torch/utils/data/dataloader.py.
		{Fallback, "PyTorch", []string{"pin_memory"}, `'pin_memory' argument is set as true but no accelerator is found`},
		// xla/tsl/cuda/cudart_stub.cc; tensorflow/core/common_runtime/gpu/gpu_device.cc.
		{Fallback, "TensorFlow", []string{"Could not find cuda drivers"}, `Could not find cuda drivers on your machine, GPU will not be used`},
		{Fallback, "TensorFlow", []string{"some GPU libraries"}, `Cannot dlopen some GPU libraries`},
		{Fallback, "TensorFlow", []string{"Skipping registering GPU"}, `Skipping registering GPU devices`},
		// xla/stream_executor/cuda/cuda_driver.cc: TensorFlow then uses the CPU.
		{Fallback, "TensorFlow", []string{"call to cuInit"}, `failed call to cuInit: \S`},
		// jax/_src/xla_bridge.py.
		{Fallback, "JAX", []string{"CUDA-enabled jaxlib"}, `a CUDA-enabled jaxlib is not installed\. Falling back to cpu`},
		{Fallback, "JAX", []string{"alling back to CPU", "alling back to cpu"}, `No GPU(?:/TPU)? found, falling back to (?i:cpu)`},
		// onnxruntime/python/onnxruntime_inference_collection.py and
		// onnxruntime_pybind_state.cc: the session runs on the CPU, status 0.
		{Fallback, "ONNX Runtime", []string{"ExecutionProvider"}, `Specified provider '(?:CUDA|Tensorrt|TensorRT)ExecutionProvider' is not in available provider names`},
		{Fallback, "ONNX Runtime", []string{"ExecutionProvider"}, `Failed to create (?:CUDA|Tensorrt)ExecutionProvider`},
		{Fallback, "ONNX Runtime", []string{"CPUExecutionProvider"}, `Falling back to \['CPUExecutionProvider'\] and retrying`},
		{Fallback, "ONNX Runtime", []string{"CUDAExecutionProvider"}, `CUDAExecutionProvider'? (?:is )?not (?:available|found|installed)`},
		{Fallback, "ONNX Runtime", []string{"libonnxruntime_providers_cuda"}, `Failed to load (?:shared )?library .*libonnxruntime_providers_cuda`},
		// paddle/fluid/platform/init.cc; python/paddle/device.
		{Fallback, "PaddlePaddle", []string{"WITH_GPU"}, `Compiled with WITH_GPU, but no GPU found in runtime`},
		{Fallback, "PaddlePaddle", []string{"GPU version"}, `using GPU version Paddle.*CPU device will be used by default`},
		// easyocr/easyocr.py.
		{Fallback, "EasyOCR", []string{"defaulting to CPU"}, `not available - defaulting to CPU|are available - defaulting to CPU`},
		// whisper/transcribe.py.
		{Fallback, "Whisper", []string{"on CPU"}, `FP16 is not supported on CPU; using FP32 instead|Performing inference on CPU when CUDA is available`},
		// opencv/modules/dnn/src/net_impl.cpp.
		{Fallback, "OpenCV", []string{"switching to CPU"}, `DNN module was not built with CUDA backend; switching to CPU`},
		// libavcodec/decode.c: decoding goes on in software.
		{Fallback, "FFmpeg", []string{"hwaccel initialisation"}, `Failed setup for format cuda: hwaccel initialisation returned error`},
		// ggml/src/ggml-cuda/ggml-cuda.cu.
		{Fallback, "llama.cpp", []string{"ggml_cuda_init"}, `ggml_cuda_init: failed to initialize CUDA`},
		// lightning/pytorch/trainer/setup.py.
		{Fallback, "Lightning", []string{"GPU available"}, `GPU available but not used`},
		// What programs print of themselves.
		{Fallback, "", []string{"CUDA"}, `CUDA (?:is )?not (?:available|detected|found)\b|CUDA is unavailable`},
		{Fallback, "", []string{"vailable"}, `(?i)\b(?:cuda|gpus?)[ ._](?:is[ _])?available(?:\(\))?['"]?\s*[:=?]+\s*(?:False|0|No)\b`},
		{Fallback, "", []string{"CPU", "cpu"}, `(?i)\b(?:cuda|gpus?)\b.{0,60}\b(?:not|un|without|no)\s?(?:be )?(?:available|found|detected|used|usable|supported)\b.{0,60}\bcpu\b`},
		{Fallback, "", []string{"CPU", "cpu"}, `(?i)\bno (?:cuda |nvidia |compatible |suitable )*(?:gpus?|devices?)(?: (?:was|were|is|are))? (?:available|found|detected|present)\b.{0,60}\bcpu\b`},
		{Fallback, "", []string{"CPU", "cpu"}, `(?i)\b(?:fall(?:ing|s|en)?[ -]?back|switch(?:ing|ed)?|defaulting) to (?:the )?cpu\b`},
		{Fallback, "", []string{"CPU"}, `(?:GPU|CUDA).{0,30}(?:ません|ない|できず|失敗).{0,40}CPU`},

		// Memory.
		// c10/cuda/CUDACachingAllocator.cpp.
		{OutOfMemory, "PyTorch", []string{"CUDA out of memory"}, `CUDA out of memory\. Tried to allocate \d|Error: CUDA out of memory`},
		// c10/cuda/CUDAException.cpp; darknet and ggml write it likewise.
		{OutOfMemory, "CUDA", []string{"out of memory"}, `(?:CUDA|Cuda) [Ee]rror: out of memory|CUDA failed with error out of memory|CUDA error 2\b.*out of memory`},
		{OutOfMemory, "cuBLAS", []string{"CUBLAS_STATUS_ALLOC_FAILED"}, `CUBLAS_STATUS_ALLOC_FAILED\b`},
		{OutOfMemory, "cuDNN", []string{"CUDNN_STATUS_ALLOC_FAILED"}, `CUDNN_STATUS_ALLOC_FAILED\b`},
		// tensorflow/core/framework/op_kernel; xla.
		{OutOfMemory, "TensorFlow", []string{"OOM when"}, `OOM when allocating tensor with shape`},
		{OutOfMemory, "XLA", []string{"RESOURCE_EXHAUSTED"}, `RESOURCE_EXHAUSTED: Out of memory`},
		{OutOfMemory, "CUDA", []string{"CUDA_ERROR_OUT_OF_MEMORY"}, `CUDA_ERROR_OUT_OF_MEMORY\b`},
		// onnxruntime/core/providers/cuda/cuda_call.cc; core/framework/bfc_arena.cc.
		{OutOfMemory, "ONNX Runtime", []string{"CUDA failure 2"}, `CUDA failure 2: out of memory`},
		{OutOfMemory, "ONNX Runtime", []string{"BFCArena"}, `BFCArena::AllocateRawInternal.*Failed to allocate memory`},
		// cupy/cuda/memory.pyx; cupy_backends/cuda/api/runtime.pyx.
		{OutOfMemory, "CuPy", []string{"Out of memory allocating"}, `OutOfMemoryError: Out of memory allocating [\d,]+ bytes`},
		{OutOfMemory, "CUDA", []string{"cudaErrorMemoryAllocation"}, `cudaErrorMemoryAllocation: `},
		// paddle/phi/core/memory.
		{OutOfMemory, "PaddlePaddle", []string{"Out of memory error on GPU"}, `Out of memory error on GPU \d`},
		// libavcodec/nvenc.c: too many sessions as well.
		{OutOfMemory, "FFmpeg", []string{"OpenEncodeSessionEx"}, `OpenEncodeSessionEx failed: out of memory`},
		{OutOfMemory, "TensorRT", []string{"Cuda Runtime"}, `Cuda Runtime \(out of memory\)`},
		{OutOfMemory, "OpenCV", []string{"Gpu API call"}, `\(-217:Gpu API call\) out of memory`},

		// The card.
		{Hardware, "CUDA", []string{"uncorrectable", "hardware stack", "GPU is lost"}, `(?i:CUDA (?:error|failure)[^:]{0,20}): (?:` + brokenCard + `)`},
		{Hardware, "CUDA", []string{"CUDA_ERROR_"}, `CUDA_ERROR_(?:` + brokenCardCode + `)\b`},
		{Hardware, "CUDA", []string{"cudaError"}, `cudaError(?:ECCUncorrectable|HardwareStackError|NvlinkUncorrectable): `},

		// Driver, libraries and settings.
		// c10/cuda/CUDAFunctions.cpp.
		{Setup, "PyTorch", []string{"No CUDA GPUs are available"}, `No CUDA GPUs are available`},
		{Setup, "PyTorch", []string{"Found no NVIDIA driver"}, `Found no NVIDIA driver on your system`},
		{Setup, "PyTorch", []string{"driver on your system"}, `The NVIDIA driver on your system is too old`},
		{Setup, "PyTorch", []string{"CUDA driver initialization failed"}, `CUDA driver initialization failed, you might not have a CUDA gpu`},
		{Setup, "PyTorch", []string{"CUDA unknown error"}, `CUDA unknown error - this may be due to an incorrectly set up environment`},
		{Setup, "PyTorch", []string{"not compiled with CUDA"}, `Torch not compiled with CUDA enabled`},
		{Setup, "PyTorch", []string{"on a CUDA device"}, `Attempting to deserialize object on a CUDA device but torch\.cuda\.is_available\(\) is False`},
		// ultralytics/utils/torch_utils.py.
		{Setup, "Ultralytics", []string{"Invalid CUDA"}, `Invalid CUDA 'device=[^']*' requested`},
		{Setup, "CUDA", []string{"CUDA driver version is insufficient"}, `CUDA driver version is insufficient for CUDA runtime version`},
		{Setup, "CUDA", []string{"no CUDA-capable device"}, `no CUDA-capable device is detected`},
		{Setup, "CUDA", []string{"CUDA", "Cuda"}, `(?:CUDA|Cuda) (?:[Ee]rror|[Ff]ailure)[^:]{0,20}: (?:` + badSetup + `)`},
		{Setup, "CUDA", []string{"CUDA_ERROR_"}, `CUDA_ERROR_(?:` + badSetupCode + `)\b`},
		{Setup, "CUDA", []string{"cudaError"}, `cudaError(?:NoDevice|InsufficientDriver|InvalidDevice|DevicesUnavailable|InitializationError|NoKernelImageForDevice|UnsupportedPtxVersion|SystemDriverMismatch|CompatNotSupportedOnDevice|StubLibrary): `},
		// ctranslate2/src/cuda.
		{Setup, "CTranslate2", []string{"cannot be loaded"}, `Library lib(?:cublas|cudnn|cudart)\S* is not found or cannot be loaded`},
		{Setup, "cuDNN", []string{"libcudnn"}, `Unable to load any of \{libcudnn`},
		// The dynamic linker.
		{Setup, "CUDA", []string{"cannot open shared object file"}, `lib(?:cudart|cublas|cublasLt|cudnn|cufft|curand|cusolver|cusparse|nccl|nvrtc|nvinfer|cuda)[A-Za-z0-9_]*\.so[.\d]*: cannot open shared object file`},
		// numba/cuda/cudadrv/driver.py.
		{Setup, "Numba", []string{"CudaSupportError"}, `CudaSupportError: Error at driver init`},
		// libavcodec/nvenc.c, libavutil/hwcontext_cuda.c, cuda_check.h.
		{Setup, "FFmpeg", []string{"Cannot load "}, `Cannot load (?:libcuda\.so\.1|libnvidia-encode\.so\.1|libnvcuvid\.so\.1|nvcuda\.dll)`},
		{Setup, "FFmpeg", []string{"OpenEncodeSessionEx"}, `OpenEncodeSessionEx failed: \S`},
		{Setup, "FFmpeg", []string{"nvenc"}, `nvenc @ 0?x?[0-9a-fA-F]+\] No capable devices found`},
		{Setup, "FFmpeg", []string{"nvenc API version"}, `Driver does not support the required nvenc API version`},

		// The program's own work on the GPU.
		{Application, "CUDA", []string{"CUDA", "Cuda"}, `(?:CUDA|Cuda) (?:[Ee]rror|[Ff]ailure)[^:]{0,20}: (?:` + wrongWork + `)`},
		{Application, "CUDA", []string{"CUDA_ERROR_"}, `CUDA_ERROR_(?:` + wrongWorkCode + `)\b`},
		{Application, "CUDA", []string{"cudaError"}, `(?:Error|failed|what\(\)): +(?:.*: )?cudaError[A-Z][A-Za-z]+: `},
		// aten/src/ATen/native/cuda: what the device itself prints.
		{Application, "PyTorch", []string{"Assertion"}, `\.cu[h]?:\d+: .*block: \[\d+,\d+,\d+\], thread: \[\d+,\d+,\d+\] Assertion .* failed`},
		{Application, "PyTorch", []string{"CUBLAS_STATUS_"}, `CUDA error: CUBLAS_STATUS_[A-Z_]+ when calling`},
		{Application, "PyTorch", []string{"Error: CUDA error: "}, `(?:RuntimeError|AcceleratorError): CUDA error: \S`},
		{Application, "PyTorch", []string{"cuDNN error: "}, `cuDNN error: CUDNN_STATUS_[A-Z_]+`},
		{Application, "TensorFlow", []string{"CUDNN_STATUS_", "CUBLAS_STATUS_"}, `(?i:could not create cudnn handle|failed to create cublas handle): CU(?:DNN|BLAS)_STATUS_`},
		{Application, "ONNX Runtime", []string{"failure "}, `CU(?:DA|DNN|BLAS)(?:_[A-Z]+)? failure \d+: `},
		{Application, "CTranslate2", []string{"CUDA failed with error"}, `CUDA failed with error \S`},
		{Application, "TensorRT", []string{"Cuda Runtime"}, `Cuda Runtime \([a-z][^)]*\)`},
		{Application, "OpenCV", []string{"Gpu API call"}, `\(-217:Gpu API call\) \S`},
		{Application, "Numba", []string{"CudaAPIError"}, `CudaAPIError: \[\d+\]`},

		// Between GPUs: torch/csrc/distributed/c10d/NCCLUtils.hpp, ProcessGroupNCCL.cpp; nccl.
		{Communication, "NCCL", []string{"NCCL error in"}, `NCCL error in: `},
		{Communication, "NCCL", []string{"nccl"}, `\bnccl(?:UnhandledCuda|System|Internal|Remote|InvalidUsage|InvalidArgument)Error: `},
		{Communication, "NCCL", []string{"collective operation timeout"}, `Watchdog caught collective operation timeout`},
		{Communication, "NCCL", []string{"NCCL WARN"}, `NCCL WARN (?:Cuda failure|.*ncclUnhandledCudaError)`},
	}
}
