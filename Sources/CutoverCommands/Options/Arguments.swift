public import ArgumentParser
public import MigrationModels
public import Reporting
public import Traces

extension OutputFormat: ExpressibleByArgument {}
extension LogKind: ExpressibleByArgument {}

extension RoundLimit: ExpressibleByArgument {
  public init?(argument: String) {
    if argument == "unlimited" {
      self = .unlimited
    } else if let count = Int(argument), count >= 0 {
      self = .rounds(count)
    } else {
      return nil
    }
  }
}
