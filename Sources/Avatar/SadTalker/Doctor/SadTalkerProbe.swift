/// The program that looks at an installation from inside: its own Python runs it in the checkout.
///
/// It changes nothing, and writes one JSON object a line, so that a crash loses only what follows.
enum SadTalkerProbe {
    /// The command that runs it.
    static func command(_ configuration: SadTalkerConfiguration, folder: String) -> SadTalkerCommand {
        SadTalkerCommand(
            folder: configuration.checkout,
            python: configuration.python,
            arguments: [
                "-c", script, configuration.checkpoints, "\(configuration.size.rawValue)",
                configuration.enhancer?.rawValue ?? "", configuration.preprocess.rawValue,
                configuration.usesOldVersion ? "old" : "new", folder,
            ]
        )
    }

    /// For Python 3.6 and later, with nothing but its own library.
    private static let script = #"""
        import glob, importlib, json, os, re, shutil, struct, sys, traceback
        folder, size, enhancer, preprocess, version, scratch = sys.argv[1:7]
        sys.argv = ["inference.py"]
        if "" not in sys.path and os.getcwd() not in sys.path:
            sys.path.insert(0, os.getcwd())

        def say(check, state, detail):
            sys.stdout.write("\n" + json.dumps({"check": check, "state": state, "detail": str(detail)[:4000]}) + "\n")
            sys.stdout.flush()

        new = sys.version_info >= (3, 12)
        text = "Python %d.%d.%d" % sys.version_info[:3]
        say("python", "warning" if new else "ok", text + (" is newer than SadTalker's packages" if new else ""))
        if os.path.isfile("inference.py") and os.path.isdir("src"):
            say("checkout", "ok", os.getcwd())
        else:
            say("checkout", "failure", "%s is no checkout: it has no inference.py and src" % os.getcwd())

        def damage(path):
            """What is wrong with a file of weights, as far as its form tells."""
            total = os.path.getsize(path)
            with open(path, "rb") as file:
                start = file.read(8)
                if total < 1024:
                    return "has only %d bytes" % total
                if path.endswith(".safetensors"):
                    length = struct.unpack("<Q", start)[0]
                    if length > 100000000 or length + 8 > total:
                        return "is cut off or damaged: its header is longer than the file"
                    try:
                        header = json.loads(file.read(length).decode("utf-8"))
                        ends = [v["data_offsets"][1] for k, v in header.items() if k != "__metadata__"]
                    except Exception:
                        return "is damaged: its header is no JSON"
                    if 8 + length + max(ends or [0]) != total:
                        return "is cut off: %d of %d bytes" % (total, 8 + length + max(ends or [0]))
                elif start[:1] == b"<" or start.startswith(b"version "):
                    return "is no file of weights but a page or a pointer to one"
                elif start[:2] == b"PK":
                    file.seek(max(0, total - 65557))
                    if b"PK\x05\x06" not in file.read():
                        return "is cut off: its index is missing"
            return None

        mapping = "mapping_00109-model.pth.tar" if "full" in preprocess else "mapping_00229-model.pth.tar"
        names = [mapping]
        if version == "old" or not glob.glob(os.path.join(glob.escape(folder), "*.safetensors")):
            old = ["wav2lip.pth", "auido2pose_00140-model.pth", "auido2exp_00300-model.pth",
                   "facevid2vid_00189-model.pth.tar", "epoch_20.pth"]
            have = [n for n in old if os.path.isfile(os.path.join(folder, n))]
            names += old if version == "old" or have else ["SadTalker_V0.0.2_%s.safetensors" % size]
        else:
            names += ["SadTalker_V0.0.2_%s.safetensors" % size]
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                say("checkpoints", "failure", path + " is missing")
                continue
            wrong = damage(path)
            say("checkpoints", "failure" if wrong else "ok", path + (" " + wrong if wrong else ""))
        extra = ["alignment_WFLW_4HG.pth", "detection_Resnet50_Final.pth"]
        if enhancer:
            extra += ["parsing_parsenet.pth", "GFPGANv1.4.pth" if enhancer == "gfpgan" else "RestoreFormer.pth"]
        for name in extra:
            paths = [os.path.join(place, name) for place in ("gfpgan/weights", "checkpoints")]
            paths = [path for path in paths if os.path.isfile(path)]
            if not paths:
                say("checkpoints", "warning", "gfpgan/weights/" + name + " is missing: it is fetched with the first clip")
            else:
                wrong = damage(paths[0])
                say("checkpoints", "failure" if wrong else "ok", paths[0] + (" " + wrong if wrong else ""))

        place = shutil.which("ffmpeg")
        say("ffmpeg", "ok" if place else "failure", place or "sh: 1: ffmpeg: not found")
        free = shutil.disk_usage(scratch).free
        say("disk", "ok" if free >= 2 << 30 else "failure", "%.1f GB free at %s" % (free / 1e9, scratch))

        loaded = {}
        broken = set()
        def load(name):
            try:
                loaded[name] = importlib.import_module(name)
                say("imports", "ok", name + " " + str(getattr(loaded[name], "__version__", "")))
            except BaseException:
                words = traceback.format_exc().strip().splitlines()
                # The same cause breaks all that import it: it is told once.
                if words[-1] not in broken:
                    say("imports", "failure", name + ": " + words[-1])
                broken.add(words[-1])

        for name in ["numpy", "torch", "torchvision", "cv2", "PIL.Image", "scipy", "skimage", "librosa", "facexlib"]:
            load(name)
        if enhancer:
            load("gfpgan")
        for name in ["src.utils.preprocess", "src.test_audio2coeff", "src.facerender.animate",
                     "src.generate_batch", "src.generate_facerender_batch"]:
            load(name)

        def numbers(module):
            found = re.match(r"(\d+)\.(\d+)", str(getattr(loaded.get(module), "__version__", "")))
            return tuple(int(x) for x in found.groups()) if found else (0, 0)

        # What breaks only once a clip is drawn.
        sources = [os.path.join(at, n) for at, _, all in os.walk("src") for n in all if n.endswith(".py")]
        for module in ("facexlib",):
            where = getattr(loaded.get(module), "__file__", None)
            if where:
                sources += glob.glob(os.path.join(glob.escape(os.path.dirname(where)), "alignment", "*.py"))
        for path in sorted(sources):
            with open(path, encoding="utf-8", errors="replace") as file:
                for number, line in enumerate(file, 1):
                    code = line.split("#")[0]
                    at = " (%s, line %d)" % (path, number)
                    gone = re.search(r"\bnp\.(float|int|bool|object|complex)\b", code)
                    if gone and numbers("numpy") >= (1, 24):
                        say("sources", "failure", "module 'numpy' has no attribute '%s'" % gone.group(1) + at)
                    if "np.array([w0, h0, s, t[0], t[1]])" in code and numbers("numpy") >= (1, 24):
                        say("sources", "failure", "setting an array element with a sequence: inhomogeneous" + at)
                    if "Image.ANTIALIAS" in code and "PIL.Image" in loaded \
                            and not hasattr(loaded["PIL.Image"], "ANTIALIAS"):
                        say("sources", "failure", "module 'PIL.Image' has no attribute 'ANTIALIAS'" + at)

        if "torch" in loaded:
            try:
                cuda = loaded["torch"].cuda
                if cuda.is_available():
                    memory = cuda.get_device_properties(0).total_memory
                    say("cuda", "ok", "%s, %.1f GB" % (cuda.get_device_name(0), memory / 1e9))
                else:
                    say("cuda", "warning", "torch sees no graphics card: a second of video takes minutes")
            except BaseException as error:
                say("cuda", "failure", error)
        say("end", "ok", "")
        """#
}
