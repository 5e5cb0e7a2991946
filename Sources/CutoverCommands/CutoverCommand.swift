public import ArgumentParser

/// The command `cutover`.
public struct CutoverCommand: ParsableCommand {
  public static let configuration = CommandConfiguration(
    commandName: "cutover",
    abstract: "Predict live migrations of virtual machines.",
    version: "0.1.0")

  public init() {}

  public static func run() {
    main()
  }
}
