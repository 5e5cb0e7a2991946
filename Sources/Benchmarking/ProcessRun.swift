import Foundation
import ModelCore

/// One run of a command.
struct Run {
  let seconds: Double
  let peakBytes: Double
  /// Of all its threads, in the program and in the kernel: what a busy machine changes least.
  var processorSeconds: Double? = nil
}

/// A command that could not be run, or failed.
struct CommandFailed: Failure {
  let command: [String]
  let status: Int32
  var category: FailureCategory { .inputOutput }
  var description: String {
    "\(command.joined(separator: " ")): it ended with status \(status); run it by itself to see why"
  }
}

/// Starts a command with its output thrown away, waits, and reads what the kernel counted.
///
/// - Parameters:
///   - input: read as its standard input, when given.
///   - output: where its standard output goes.
///   - environment: its variables; this program's own unless given.
func run(
  _ command: [String], input: Int32? = nil, output: String = "/dev/null",
  environment variables: [String: String]? = nil
) throws -> Run {
  var actions = posix_spawn_file_actions_t()
  posix_spawn_file_actions_init(&actions)
  defer { posix_spawn_file_actions_destroy(&actions) }
  posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o644)
  if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
  var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) }
  defer { for argument in arguments { free(argument) } }
  arguments.append(nil)
  var settings: [UnsafeMutablePointer<CChar>?] =
    (variables ?? ProcessInfo.processInfo.environment).map { strdup("\($0.key)=\($0.value)") }
  defer { for setting in settings { free(setting) } }
  settings.append(nil)
  var pid: pid_t = 0
  let clock = ContinuousClock()
  let start = clock.now
  let failure = posix_spawn(&pid, command[0], &actions, nil, arguments, settings)
  guard failure == 0 else { throw CommandFailed(command: command, status: failure) }
  var status: Int32 = 0
  var usage = rusage()
  while wait4(pid, &status, 0, &usage) < 0, errno == EINTR {}
  let elapsed = start.duration(to: clock.now)
  guard status == 0 else { throw CommandFailed(command: command, status: status) }
  let elapsedSeconds =
    Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
  // Linux counts in KiB.
  return Run(
    seconds: elapsedSeconds, peakBytes: Double(usage.ru_maxrss) * 1024,
    processorSeconds: seconds(usage.ru_utime) + seconds(usage.ru_stime))
}
