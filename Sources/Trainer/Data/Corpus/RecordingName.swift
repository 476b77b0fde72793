/// What files are called that are taken for recordings when a folder is looked through.
public enum RecordingName {
    /// How such names end, in lower case and without the dot.
    public static let endings: Set<String> = [
        "aif", "aiff", "au", "caf", "flac", "mp3", "oga", "ogg", "opus", "rf64", "sph", "w64", "wav",
    ]
}
