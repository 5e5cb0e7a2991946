import Calibration
import Quantities

/// The tools that advice writes settings for.
enum AdvicePlatform: String, CaseIterable {
  case qmp, hmp, virsh, proxmox, kubevirt, nova

  var title: String {
    switch self {
    case .qmp: "QMP"
    case .hmp: "HMP"
    case .virsh: "virsh"
    case .proxmox: "Proxmox VE"
    case .kubevirt: "KubeVirt"
    case .nova: "OpenStack Nova"
    }
  }

  /// Whether it has settings for a technique.
  func offers(_ technique: AdviceTechnique) -> Bool {
    switch self {
    case .qmp, .hmp, .virsh: true
    case .proxmox: technique == .precopy || technique == .autoconverge
    case .kubevirt: [.precopy, .autoconverge, .hybrid, .postcopy].contains(technique)
    case .nova: [.precopy, .autoconverge, .hybrid, .postcopy, .multifd].contains(technique)
    }
  }

  /// What to type for a technique that it offers, and what to know about it.
  func settings(_ plan: MigrationPlan) -> PlatformSettings {
    switch self {
    case .qmp: QMPSettings(plan).settings
    case .hmp: HMPSettings(plan).settings
    case .virsh: VirshSettings(plan).settings
    case .proxmox: ProxmoxSettings(plan).settings
    case .kubevirt: KubeVirtSettings(plan).settings
    case .nova: NovaSettings(plan).settings
    }
  }
}

/// Lines for one tool. Words in capitals stand for names of the site: `VM`, `VMID`, `DESTINATION`.
struct PlatformSettings: Equatable {
  var platform: AdvicePlatform
  /// In the order to type them; empty where there is nothing to type.
  var steps: [Step]
  var remarks: [String]

  struct Step: Equatable {
    /// Where the lines belong: a file, a shell, an end.
    var place: String
    var lines: [String]
  }
}

extension MigrationPlan {
  /// QEMU takes whole milliseconds, above 0.
  var downtimeMilliseconds: Int { max(1, Int((downtimeLimit.siValue * 1000).rounded())) }

  /// QEMU's `max-bandwidth`.
  var bytesPerSecond: Int { Int(clamped(bandwidth.siValue)) }

  /// libvirt's, Nova's and Proxmox's unit; 1 at least, as 0 means no limit.
  var mebibytesPerSecond: Int { max(1, Int(clamped(bandwidth.siValue / 1_048_576))) }

  var cacheBytes: Int { Int(clamped(cache.siValue)) }

  /// Time limits per GiB, as KubeVirt and Nova count them: memory rounded up to whole GiB.
  func perGibibyte(_ seconds: Double, least: Double = 1) -> Int {
    let gibibytes = max(least, (memory.siValue / 1_073_741_824).rounded(.up))
    return max(1, Int(clamped(seconds / gibibytes)))
  }

  /// Beyond 2^53 a double is no count any more.
  private func clamped(_ value: Double) -> Double { min(value.rounded(.down), 0x1p53) }
}
