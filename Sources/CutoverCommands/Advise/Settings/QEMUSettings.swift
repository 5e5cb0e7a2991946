import Calibration
import Quantities

/// QEMU's own names: capabilities and parameters of a plan, which QMP and HMP spell alike.
///
/// Source: QEMU qapi/migration.json.
struct QEMUSettings {
  var capabilities: [String] = []
  /// Of the source alone.
  var sourceParameters: [(name: String, value: Value)]
  /// Of both ends.
  var sharedParameters: [(name: String, value: Value)] = []

  enum Value: Equatable {
    case number(Int)
    case word(String)
  }

  init(_ plan: MigrationPlan) {
    sourceParameters = [
      ("max-bandwidth", .number(plan.bytesPerSecond)),
      ("downtime-limit", .number(plan.downtimeMilliseconds)),
    ]
    switch plan.technique {
    case .precopy: break
    case .autoconverge:
      capabilities = ["auto-converge"]
      sourceParameters += [
        ("cpu-throttle-initial", .number(20)), ("cpu-throttle-increment", .number(10)),
        ("max-cpu-throttle", .number(99)),
      ]
    case .xbzrle:
      capabilities = ["xbzrle"]
      sourceParameters.append(("xbzrle-cache-size", .number(plan.cacheBytes)))
    case .multifd, .multifdZlib, .multifdZstd:
      capabilities = ["multifd"]
      sharedParameters = [("multifd-channels", .number(plan.channels))]
      if plan.technique == .multifdZlib {
        sharedParameters.append(("multifd-compression", .word("zlib")))
      } else if plan.technique == .multifdZstd {
        sharedParameters.append(("multifd-compression", .word("zstd")))
      }
    case .hybrid, .postcopy: capabilities = ["postcopy-ram", "postcopy-preempt"]
    }
  }

  /// Whether the destination has to be told the same.
  static func isShared(_ technique: AdviceTechnique) -> Bool {
    switch technique {
    case .multifd, .multifdZlib, .multifdZstd, .hybrid, .postcopy: true
    case .precopy, .autoconverge, .xbzrle: false
    }
  }

  static func remarks(_ plan: MigrationPlan) -> [String] {
    var remarks = [
      "downtime-limit is in milliseconds and max-bandwidth in bytes per second; QEMU's own cap "
        + "is 128MiB/s, so a faster link does nothing before max-bandwidth is set"
    ]
    switch plan.technique {
    case .multifd, .multifdZlib, .multifdZstd:
      remarks.append("multifd does not go with xbzrle, and with post-copy only from QEMU 10.1 on")
    case .xbzrle:
      remarks.append("xbzrle does not go with multifd; the cache is memory of the source")
    case .hybrid, .postcopy:
      remarks.append(
        "post-copy needs userfaultfd for QEMU on the destination (sysctl "
          + "vm.unprivileged_userfaultfd=1 or CAP_SYS_PTRACE), the capabilities on both ends before "
          + "the start, and no passed-through devices; postcopy-preempt is there from QEMU 7.1 on")
    case .autoconverge:
      remarks.append(
        "query-migrate shows cpu-throttle-percentage; a guest that does not slow its writes down "
          + "with it needs another way")
    case .precopy: break
    }
    return remarks
  }

  static let uri = "tcp:DESTINATION:4444"
  static let destinationPlace = "on the destination, started with -incoming defer"

  /// When to switch to post-copy, in words.
  static func switchPlace(_ plan: MigrationPlan) -> String {
    plan.technique == .hybrid
      ? "on the source, when query-migrate shows dirty-sync-count 2 (after about "
        + "\(spoken(plan.firstCopy)))"
      : "on the source, at once"
  }
}

/// JSON lines for the QMP monitor.
struct QMPSettings {
  let plan: MigrationPlan

  init(_ plan: MigrationPlan) { self.plan = plan }

  var settings: PlatformSettings {
    let qemu = QEMUSettings(plan)
    var steps: [PlatformSettings.Step] = []
    if QEMUSettings.isShared(plan.technique) {
      steps.append(
        .init(
          place: QEMUSettings.destinationPlace,
          lines: capabilities(qemu) + parameters(qemu.sharedParameters) + [
            command("migrate-incoming", #""uri": "tcp:0:4444""#)
          ]))
    }
    steps.append(
      .init(
        place: "on the source",
        lines: capabilities(qemu) + parameters(qemu.sharedParameters)
          + parameters(qemu.sourceParameters) + [
            command("migrate", #""uri": "\#(QEMUSettings.uri)""#)
          ]))
    if plan.technique.isPostcopy {
      steps.append(
        .init(
          place: QEMUSettings.switchPlace(plan),
          lines: [#"{"execute": "migrate-start-postcopy"}"#]))
    }
    return PlatformSettings(platform: .qmp, steps: steps, remarks: QEMUSettings.remarks(plan))
  }

  private func command(_ name: String, _ arguments: String) -> String {
    #"{"execute": "\#(name)", "arguments": {\#(arguments)}}"#
  }

  private func capabilities(_ qemu: QEMUSettings) -> [String] {
    guard !qemu.capabilities.isEmpty else { return [] }
    let list = qemu.capabilities.map { #"{"capability": "\#($0)", "state": true}"# }
    return [
      command("migrate-set-capabilities", #""capabilities": [\#(list.joined(separator: ", "))]"#)
    ]
  }

  private func parameters(_ parameters: [(name: String, value: QEMUSettings.Value)]) -> [String] {
    guard !parameters.isEmpty else { return [] }
    let list = parameters.map { name, value in
      switch value {
      case .number(let number): #""\#(name)": \#(number)"#
      case .word(let word): #""\#(name)": "\#(word)""#
      }
    }
    return [command("migrate-set-parameters", list.joined(separator: ", "))]
  }
}

/// Lines for the human monitor.
struct HMPSettings {
  let plan: MigrationPlan

  init(_ plan: MigrationPlan) { self.plan = plan }

  var settings: PlatformSettings {
    let qemu = QEMUSettings(plan)
    let capabilities = qemu.capabilities.map { "migrate_set_capability \($0) on" }
    var steps: [PlatformSettings.Step] = []
    if QEMUSettings.isShared(plan.technique) {
      steps.append(
        .init(
          place: QEMUSettings.destinationPlace,
          lines: capabilities + qemu.sharedParameters.map(line) + ["migrate_incoming tcp:0:4444"]))
    }
    steps.append(
      .init(
        place: "on the source",
        lines: capabilities + qemu.sharedParameters.map(line) + qemu.sourceParameters.map(line)
          + ["migrate -d \(QEMUSettings.uri)"]))
    if plan.technique.isPostcopy {
      steps.append(
        .init(place: QEMUSettings.switchPlace(plan), lines: ["migrate_start_postcopy"]))
    }
    return PlatformSettings(
      platform: .hmp, steps: steps,
      remarks: ["the B after a size matters: HMP takes a bare max-bandwidth for MiB/s"])
  }

  private func line(_ parameter: (name: String, value: QEMUSettings.Value)) -> String {
    let text =
      switch parameter.value {
      case .number(let number):
        ["max-bandwidth", "xbzrle-cache-size"].contains(parameter.name)
          ? "\(number)B" : "\(number)"
      case .word(let word): word
      }
    return "migrate_set_parameter \(parameter.name) \(text)"
  }
}
