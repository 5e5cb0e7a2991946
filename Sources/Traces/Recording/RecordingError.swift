public import ModelCore

/// Why a migration cannot be recorded.
public enum RecordingError: Failure, Equatable {
  case address(String, reason: String)
  /// No connection to the monitor.
  case cannotConnect(String, reason: String)
  /// The monitor answers nothing in time.
  case silent(String, seconds: Double, waitingFor: String)
  /// The monitor's end of the connection is gone: the hypervisor ended or died.
  case closed(String)
  /// What listens there is no QMP monitor.
  case foreign(String, said: String)
  /// The monitor refuses a command.
  case refused(String, command: String, reason: String)
  /// A command could not be run.
  case command(String, reason: String)
  /// A migration to be started while one is running.
  case alreadyRunning(String)
  /// No migration began in the time that was allowed.
  case nothingBegan(String, seconds: Double)
  /// A setting that cannot be.
  case setting(String)
  /// The recording cannot be written.
  case output(String)

  public var category: FailureCategory {
    switch self {
    case .address, .setting, .alreadyRunning: .usage
    case .cannotConnect: .noInput
    case .refused, .foreign: .badData
    case .silent, .closed, .command, .nothingBegan, .output: .inputOutput
    }
  }

  public var description: String {
    switch self {
    case .address(let text, let reason):
      "\"\(text)\": \(reason); a monitor is /path/to/socket, unix:/path or 127.0.0.1:PORT"
    case .cannotConnect(let name, let reason):
      "\(name): \(reason); start QEMU with '-qmp unix:PATH,server=on,wait=off', or see whether the "
        + "path is right and yours to read"
    case .silent(let name, let seconds, let what):
      "\(name): no \(what) within \(shortestDecimal(seconds)) s; a monitor serves one client at a "
        + "time: see whether another holds it, or give QEMU a second -qmp socket"
    case .closed(let name): "\(name): the monitor closed the connection"
    case .foreign(let name, let said):
      "\(name): not a QMP monitor: it said \"\(said)\"; connect to the socket of -qmp, not to that "
        + "of -monitor"
    case .refused(let name, let command, let reason): "\(name): \(command): \(reason)"
    case .command(let command, let reason): "\(command): \(reason)"
    case .alreadyRunning(let name):
      "\(name): a migration is running already; leave out --start to watch it"
    case .nothingBegan(let name, let seconds):
      "\(name): no migration began within \(shortestDecimal(seconds)) s; --wait allows more"
    case .setting(let text): text
    case .output(let text): text
    }
  }
}
