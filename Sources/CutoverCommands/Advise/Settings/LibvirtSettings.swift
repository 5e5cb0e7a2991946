import Calibration
import Quantities

/// `virsh migrate` and what goes with it.
///
/// Source: virsh(1), migrate, migrate-setmaxdowntime, migrate-postcopy.
struct VirshSettings {
  let plan: MigrationPlan

  init(_ plan: MigrationPlan) { self.plan = plan }

  static let destination = "qemu+ssh://DESTINATION/system"

  var settings: PlatformSettings {
    var words = ["virsh migrate --live --verbose VM \(Self.destination)"]
    words += options
    if plan.isCapped { words.append("--bandwidth \(plan.mebibytesPerSecond)") }
    var steps = [
      PlatformSettings.Step(place: "on the source", lines: Self.wrapped(words)),
      PlatformSettings.Step(
        place: "from another shell, while it runs",
        lines: ["virsh migrate-setmaxdowntime VM \(plan.downtimeMilliseconds)"]
          + (plan.technique == .postcopy ? ["virsh migrate-postcopy VM"] : [])),
    ]
    if let limit = plan.timeLimit, !plan.technique.isPostcopy {
      steps.append(
        .init(
          place: "to give up, when \(spoken(limit)) are over", lines: ["virsh domjobabort VM"]))
    }
    return PlatformSettings(platform: .virsh, steps: steps, remarks: remarks)
  }

  private var options: [String] {
    switch plan.technique {
    case .precopy: []
    case .autoconverge:
      ["--auto-converge --auto-converge-initial 20 --auto-converge-increment 10"]
    case .xbzrle: ["--compressed --comp-methods xbzrle --comp-xbzrle-cache \(plan.cacheBytes)"]
    case .multifd: ["--parallel --parallel-connections \(plan.channels)"]
    case .multifdZlib, .multifdZstd:
      [
        "--parallel --parallel-connections \(plan.channels)",
        "--compressed --comp-methods \(plan.technique == .multifdZlib ? "zlib" : "zstd")",
      ]
    case .hybrid: ["--postcopy --postcopy-after-precopy"]
    case .postcopy: ["--postcopy"]
    }
  }

  private var remarks: [String] {
    var remarks = ["migrate-setmaxdowntime is in milliseconds, --bandwidth in MiB/s"]
    switch plan.technique {
    case .multifdZlib, .multifdZstd: remarks.append("zlib and zstd need libvirt 9.4 or later")
    case .hybrid:
      remarks.append(
        "--timeout SECONDS --timeout-postcopy in place of --postcopy-after-precopy switches only "
          + "if pre-copy has not ended by then")
    case .precopy, .autoconverge:
      remarks.append("--timeout alone suspends the guest when it is over: do not use it here")
    case .multifd, .xbzrle, .postcopy: break
    }
    return remarks
  }

  /// Shell lines of at most 100 columns, continued with a backslash.
  static func wrapped(_ words: [String]) -> [String] {
    var lines: [String] = []
    for word in words {
      if let last = lines.last, last.count + 1 + word.count <= 98 {
        lines[lines.count - 1] = last + " " + word
      } else {
        lines.append((lines.isEmpty ? "" : "  ") + word)
      }
    }
    return lines.enumerated().map { $0 < lines.count - 1 ? $1 + " \\" : $1 }
  }
}

/// Options of nova.conf on the compute hosts.
///
/// Source: nova/conf/libvirt.py and nova/virt/libvirt/migration.py (`downtime_steps`).
struct NovaSettings {
  let plan: MigrationPlan

  init(_ plan: MigrationPlan) { self.plan = plan }

  /// Nova's own least values.
  private static let least = (downtime: 100, steps: 3, delay: 3)
  /// Nova counts 2 GiB at least.
  private static let leastGibibytes = 2.0

  var settings: PlatformSettings {
    let isPostcopy = plan.technique.isPostcopy
    let isParallel = plan.technique == .multifd
    var lines = [
      "[libvirt]",
      "live_migration_downtime = \(max(Self.least.downtime, plan.downtimeMilliseconds))",
      "live_migration_downtime_steps = \(Self.least.steps)",
      "live_migration_downtime_delay = \(Self.least.delay)",
      "live_migration_bandwidth = \(plan.isCapped ? plan.mebibytesPerSecond : 0)",
    ]
    if let seconds = isPostcopy ? plan.firstCopy.siValue : plan.timeLimit?.siValue {
      let value =
        plan.perGibibyte(seconds, least: Self.leastGibibytes) + (isPostcopy ? 1 : 0)
      lines.append("live_migration_completion_timeout = \(value)")
    }
    lines += [
      "live_migration_timeout_action = \(isPostcopy ? "force_complete" : "abort")",
      "live_migration_permit_auto_converge = \(plan.technique == .autoconverge ? "true" : "false")",
      "live_migration_permit_post_copy = \(isPostcopy ? "true" : "false")",
    ]
    if isParallel { lines.append("live_migration_parallel_connections = \(plan.channels)") }
    return PlatformSettings(
      platform: .nova, steps: [.init(place: "nova.conf, on the compute hosts", lines: lines)],
      remarks: remarks)
  }

  private var remarks: [String] {
    let gibibytes = max(
      Self.leastGibibytes, (plan.memory.siValue / 1_073_741_824).rounded(.up))
    let reached = Double(Self.least.steps * Self.least.delay) * gibibytes
    var remarks = [
      "Nova starts at a third of the downtime and reaches it after steps x delay x GiB = "
        + "\(Int(reached)) s"
        + ((plan.timeLimit?.siValue ?? .infinity) < reached
          ? ", which is over the limit: migrations that need all of it do not get it in time" : "")
    ]
    if plan.downtimeMilliseconds < Self.least.downtime {
      remarks.append(
        "\(plan.downtimeMilliseconds) ms is what should be set; Nova takes no less than 100")
    }
    switch plan.technique {
    case .autoconverge:
      remarks.append("Nova leaves auto-converge off where post-copy is permitted")
    case .multifd:
      remarks.append("live_migration_parallel_connections is there from Nova 33 (2026.1) on")
    case .hybrid, .postcopy:
      remarks.append(
        "Nova always begins with pre-copy; it switches when the completion timeout is over, which "
          + "is seconds per GiB of memory and disk")
    default: break
    }
    return remarks
  }
}
