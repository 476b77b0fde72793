import Testing

@testable import Avatar

/// The messages are those of the packages: NumPy 1.26 and 2.4, Pillow 13, Python 3.11 and 3.12, torchvision 0.17, and
/// of SadTalker's issues 306, 420, 434, 491, 849 and 929.
@Suite("SadTalker's known breakages")
struct SadTalkerBreakageTests {
    @Test(
        "A message is recognised, and the fix told",
        arguments: [
            (
                "AttributeError: module 'numpy' has no attribute 'float'.\n`np.float` was a",
                "np\\.float\\b/float/g"
            ),
            ("AttributeError: module 'numpy' has no attribute 'complex'.", "librosa>=0.10"),
            ("AttributeError: module 'numpy' has no attribute 'int'.", "numpy<1.24"),
            ("AttributeError: module 'numpy' has no attribute 'VisibleDeprecationWarning'", "numpy<2"),
            (
                "ValueError: setting an array element with a sequence. The requested array has an inhomogeneous shape "
                    + "after 1 dimensions. The detected shape was (5,) + inhomogeneous part.",
                "t[0][0], t[1][0]"
            ),
            (
                "ModuleNotFoundError: No module named 'torchvision.transforms.functional_tensor'",
                "data/degradations.py"
            ),
            ("AttributeError: module 'PIL.Image' has no attribute 'ANTIALIAS'", "Image.LANCZOS"),
            (
                "AttributeError: module 'pkgutil' has no attribute 'ImpImporter'. Did you mean",
                "Python 3.8 to 3.11"
            ),
            ("ModuleNotFoundError: No module named 'distutils'", "pip install setuptools"),
            ("ModuleNotFoundError: No module named 'imp'", "Python 3.8 to 3.11"),
            ("A module that was compiled using NumPy 1.x cannot be run in\nNumPy 2.0.0", "numpy<2"),
            ("ImportError: numpy.core.multiarray failed to import", "numpy<2"),
            ("RuntimeError: Numpy is not available", "numpy<2"),
            ("ImportError: Numba needs NumPy 2.2 or less. Got NumPy 2.4.", "numba"),
            ("ImportError: libGL.so.1: cannot open shared object file", "libgl1"),
            ("_pickle.UnpicklingError: Weights only load failed. This file can still", "torch<2.6"),
            ("ModuleNotFoundError: No module named 'src.utils'", "git clone"),
            ("ModuleNotFoundError: No module named 'kornia'", "requirements.txt"),
            ("sh: 1: ffmpeg: not found", "apt-get install -y ffmpeg"),
            ("RuntimeError: No ffmpeg exe could be found.", "imageio-ffmpeg"),
            (
                "safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge",
                "download_models"
            ),
            ("RuntimeError: PytorchStreamReader failed reading zip archive", "download_models"),
            ("FileNotFoundError: No such file or directory: './checkpoints/epoch_20.pth'", "download_models"),
            ("torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", "size 256"),
            (
                "RuntimeError: CUDA error: no kernel image is available for execution on the device",
                "pytorch.org"
            ),
            ("numpy.core._exceptions._ArrayMemoryError: Unable to allocate 1.26 GiB for an array", "shorter"),
            ("OSError: [Errno 28] No space left on device", "make room"),
            ("TypeError: exceptions must derive from BaseException", "portrait with one face"),
            ("IndexError: index 0 is out of bounds for axis 0 with size 0", "portrait with one face"),
            ("can not detect the landmark from source image", "portrait with one face"),
            ("Can't get the coeffs of the input", "portrait with one face"),
        ]
    )
    func recognition(message: String, fix: String) throws {
        let text = "Traceback (most recent call last):\n  File \"inference.py\", line 145\n\(message)\n"
        let breakage = try #require(SadTalkerBreakage.recognize(text))
        #expect(breakage.fix.contains(fix), "\(breakage.fix)")
        #expect(!breakage.reason.isEmpty)
    }

    @Test("Nothing is recognised in what is not known")
    func unknown() {
        #expect(SadTalkerBreakage.recognize("") == nil)
        #expect(SadTalkerBreakage.recognize("RuntimeError: something new") == nil)
    }
}
