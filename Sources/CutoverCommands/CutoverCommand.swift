public import ArgumentParser

/// The command `cutover`: configuration only; the work is in the subcommands.
public struct CutoverCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "cutover",
    abstract: "Predict live migrations of virtual machines: time, downtime, traffic, convergence.",
    discussion: """
      Quantities on the command line carry their unit: 8GiB, 1Gbit/s, 120MiB/s, 300ms, 1%.
      Files and machine formats are SI: bytes, seconds, bytes per second, joules.

      EXIT STATUS
        0   done
        1   done, and the answer is no (with --strict: a migration does not converge)
        64  usage          65  bad data        66  no input
        69  this model cannot answer this      70  internal fault
        73  cannot create output               74  input or output failed
      """,
    version: "cutover \(CutoverVersion.number)",
    subcommands: [
      PredictCommand.self,
      SweepCommand.self,
      BandwidthCommand.self,
      ThresholdCommand.self,
      AdviseCommand.self,
      QueueCommand.self,
      FitCommand.self, CompareCommand.self, TraceCommand.self, ModelsCommand.self,
      BenchCommand.self,
    ])

  public init() {}
}

/// The version of command and libraries.
public enum CutoverVersion {
  public static let number = "0.1.0"
}
