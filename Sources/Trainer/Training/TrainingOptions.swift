/// What a run is asked to do besides its configuration.
public struct TrainingOptions: Sendable {
    /// Which stage it trains: the name of the configuration's file, `stage1`.
    public var stage: String
    /// The folder of runs.
    public var runs: String
    /// The run's name; nil to go on with the stage's newest run where that is not finished and its configuration is the
    /// same, else for a new name.
    public var runID: String?
    /// A checkpoint to go on from; nil for `training.resume_from`.
    public var resumePath: String?
    /// Whether only weights are taken from it.
    public var takesWeightsOnly: Bool
    /// Whether a new run is begun even where an unfinished one could be gone on with.
    public var beginsAnew: Bool
    /// Where to look for downloaded models: `HF_HOME` and the like.
    public var environment: [String: String]

    /// - Parameters:
    ///   - stage: which stage it trains.
    ///   - runs: the folder of runs.
    ///   - runID: the run's name.
    ///   - resumePath: a checkpoint to go on from.
    ///   - takesWeightsOnly: whether only weights are taken from it.
    ///   - beginsAnew: whether an unfinished run is left alone.
    ///   - environment: where to look for downloaded models.
    public init(
        stage: String,
        runs: String = "runs",
        runID: String? = nil,
        resumePath: String? = nil,
        takesWeightsOnly: Bool = false,
        beginsAnew: Bool = false,
        environment: [String: String] = [:]
    ) {
        self.stage = stage
        self.runs = runs
        self.runID = runID
        self.resumePath = resumePath
        self.takesWeightsOnly = takesWeightsOnly
        self.beginsAnew = beginsAnew
        self.environment = environment
    }
}
