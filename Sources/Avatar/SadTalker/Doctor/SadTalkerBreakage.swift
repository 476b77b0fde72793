/// A way in which SadTalker is known to break, told by what it says.
///
/// Its last release is from 2023 and wants Python 3.8 and NumPy 1.23; most of these come of newer packages.
public struct SadTalkerBreakage: Sendable, Hashable {
    /// What happened, for people.
    public var reason: String
    /// What mends it: a command to be run in the checkout, or what to change.
    public var fix: String
    /// What of its output tells: all of these words.
    var signs: [String]

    /// What text of SadTalker or its Python tells.
    ///
    /// - Parameter text: any length.
    /// - Returns: nil where nothing in it is known.
    public static func recognize(_ text: String) -> SadTalkerBreakage? {
        known.first { breakage in breakage.signs.allSatisfy { text.contains($0) } }
    }

    private init(_ signs: String..., reason: String, fix: String) {
        self.signs = signs
        self.reason = reason
        self.fix = fix
    }

    private static let portraitFix =
        "take a portrait with one face, seen from the front and not drawn too simply; with VOXSITE_SADTALKER_PREPROCESS=full "
        + "the whole picture is kept"

    /// The more special first: the first that fits is taken.
    static let known: [SadTalkerBreakage] = python + packages + weights + clips

    /// Python itself is too new, or too old.
    private static let python: [SadTalkerBreakage] = [
        .init(
            "pkgutil",
            "ImpImporter",
            reason: "its setuptools is older than Python 3.12",
            fix: "pip install --upgrade pip setuptools wheel, or make an environment with Python 3.8 to 3.11"
        ),
        .init(
            "No module named 'distutils'",
            reason: "Python 3.12 has no distutils",
            fix: "pip install setuptools"
        ),
        .init(
            "No module named 'imp'",
            reason: "Python 3.12 has no imp, which an old package needs",
            fix: "make an environment with Python 3.8 to 3.11"
        ),
    ]

    /// Packages that are too new for it, or missing.
    private static let packages: [SadTalkerBreakage] = [
        .init(
            "No module named 'torchvision.transforms.functional_tensor'",
            reason: "torchvision 0.17 and later lack a module that basicsr 1.4.2 imports",
            fix: "sed -i 's/torchvision.transforms.functional_tensor/torchvision.transforms.functional/' "
                + "\"$(python -c 'import importlib.util as u; print(u.find_spec(\"basicsr\")"
                + ".submodule_search_locations[0])')/data/degradations.py\""
        ),
        .init(
            "module 'numpy' has no attribute 'VisibleDeprecationWarning'",
            reason: "NumPy 2 has moved a warning that SadTalker names",
            fix: "pip install 'numpy<2', or: sed -i 's/np.VisibleDeprecationWarning/DeprecationWarning/' "
                + "src/face3d/util/preprocess.py"
        ),
        .init(
            "module 'numpy' has no attribute 'complex'",
            reason: "an old librosa uses a name that NumPy 1.24 has removed",
            fix: "pip install 'librosa>=0.10'"
        ),
        .init(
            "module 'numpy' has no attribute 'float'",
            reason: "NumPy 1.24 has removed np.float",
            fix:
                "sed -i 's/np\\.float\\b/float/g' src/face3d/util/my_awing_arch.py; where facexlib is meant: "
                + "pip install --upgrade facexlib"
        ),
        .init(
            "module 'numpy' has no attribute",
            reason: "NumPy is too new for a package that uses a name it has removed",
            fix: "pip install 'numpy<1.24' (Python 3.8 to 3.11)"
        ),
        .init(
            "setting an array element with a sequence",
            "inhomogeneous",
            reason: "NumPy 1.24 refuses the uneven array that SadTalker makes of the portrait's position",
            fix: "sed -i 's/np.array(\\[w0, h0, s, t\\[0\\], t\\[1\\]\\])/"
                + "np.array([w0, h0, s, t[0][0], t[1][0]])/' src/face3d/util/preprocess.py"
        ),
        .init(
            "compiled using NumPy 1.x cannot be run in",
            reason: "a package was built for NumPy 1",
            fix: "pip install 'numpy<2'"
        ),
        .init(
            "numpy.core.multiarray failed to import",
            reason: "a package was built for another NumPy",
            fix: "pip install 'numpy<2'"
        ),
        .init(
            "Numpy is not available",
            reason: "this torch was built for NumPy 1",
            fix: "pip install 'numpy<2'"
        ),
        .init(
            "Numba needs NumPy",
            reason: "numba, which librosa needs, does not know this NumPy yet",
            fix: "pip install --upgrade numba librosa, or pip install 'numpy<2'"
        ),
        .init(
            "module 'PIL.Image' has no attribute 'ANTIALIAS'",
            reason: "Pillow 10 has removed a name that SadTalker uses for large faces",
            fix: "sed -i 's/Image.ANTIALIAS/Image.LANCZOS/g' src/utils/croper.py, or pip install 'pillow<10'"
        ),
        .init(
            "libGL.so.1",
            reason: "OpenCV finds no libGL",
            fix: "apt-get install -y libgl1, or pip install opencv-python-headless"
        ),
        .init(
            "Weights only load failed",
            reason: "torch 2.6 and later refuse weights in the old format unless they are told to trust them",
            fix:
                "pip install 'torch<2.6', or set TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1 where the weights are trusted"
        ),
        .init(
            "No module named 'src",
            reason: "the folder is no whole checkout of SadTalker",
            fix: "git clone https://github.com/OpenTalker/SadTalker, and set VOXSITE_SADTALKER_CHECKOUT to it"
        ),
        .init(
            "No module named ",
            reason: "a package is missing",
            fix: "pip install -r requirements.txt with the same Python (VOXSITE_SADTALKER_PYTHON)"
        ),
        .init(
            "ffmpeg: not found",
            reason: "ffmpeg is missing there",
            fix: "apt-get install -y ffmpeg"
        ),
        .init(
            "ffmpeg: command not found",
            reason: "ffmpeg is missing there",
            fix: "apt-get install -y ffmpeg"
        ),
        .init(
            "No ffmpeg exe could be found",
            reason: "ffmpeg is missing there",
            fix: "pip install imageio-ffmpeg; apt-get install -y ffmpeg"
        ),
    ]

    /// Weights and the graphics card.
    private static let weights: [SadTalkerBreakage] = [
        .init(
            "Error while deserializing header",
            reason: "a file of weights is cut off or damaged",
            fix: "remove it from checkpoints/, then: bash scripts/download_models.sh"
        ),
        .init(
            "PytorchStreamReader failed",
            reason: "a file of weights is cut off or damaged",
            fix: "remove it from checkpoints/ or gfpgan/weights/, then: bash scripts/download_models.sh"
        ),
        .init(
            "No such file or directory",
            "checkpoints",
            reason: "weights are missing",
            fix: "bash scripts/download_models.sh"
        ),
        .init(
            "CUDA out of memory",
            reason: "the graphics card's memory is too small for this clip",
            fix: "take size 256, no enhancer and batch_size 1, or a shorter recording"
        ),
        .init(
            "no kernel image is available for execution on the device",
            reason: "this torch was not built for this graphics card",
            fix: "install the torch that https://pytorch.org/get-started/locally names for its CUDA version"
        ),
        .init(
            "NVIDIA driver on your system is too old",
            reason: "the graphics driver is older than this torch needs",
            fix: "update the driver, or install a torch for its CUDA version"
        ),
        .init(
            "Unable to allocate",
            reason: "the machine's memory is too small: SadTalker keeps every frame of a clip in it",
            fix: "take a shorter recording, or size 256"
        ),
        .init(
            "No space left on device",
            reason: "the disk is full",
            fix: "make room there"
        ),
    ]

    /// What is wrong with the portrait or the recording.
    private static let clips: [SadTalkerBreakage] = [
        .init(
            "can not detect the landmark from source image",
            reason: "it finds no face in the portrait",
            fix: portraitFix
        ),
        .init(
            "exceptions must derive from BaseException",
            reason: "it finds no face in the portrait",
            fix: portraitFix
        ),
        .init(
            "index 0 is out of bounds for axis 0 with size 0",
            reason: "it finds no face in the portrait",
            fix: portraitFix
        ),
        .init(
            "Can't get the coeffs of the input",
            reason: "it finds no face in the portrait",
            fix: portraitFix
        ),
    ]
}
