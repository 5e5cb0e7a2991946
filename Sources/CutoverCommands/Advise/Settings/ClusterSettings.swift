import Calibration
import Quantities

/// `qm` and the data centre's configuration.
///
/// Source: qm(1), datacenter.cfg(5); qemu-server, QemuMigrate.pm (units, capabilities).
struct ProxmoxSettings {
  let plan: MigrationPlan

  init(_ plan: MigrationPlan) { self.plan = plan }

  var settings: PlatformSettings {
    let seconds = Double(plan.downtimeMilliseconds) / 1000
    let kibibytes = plan.mebibytesPerSecond * 1024
    return PlatformSettings(
      platform: .proxmox,
      steps: [
        .init(
          place: "on the node",
          lines: [
            "qm set VMID --migrate_downtime \(seconds) --migrate_speed "
              + "\(plan.isCapped ? plan.mebibytesPerSecond : 0)",
            "qm migrate VMID TARGET --online",
          ]),
        .init(
          place: "/etc/pve/datacenter.cfg",
          lines: [
            "migration: type=insecure,network=CIDR",
            "bwlimit: migration=\(kibibytes)",
          ]),
      ],
      remarks: [
        "migrate_downtime is in seconds, migrate_speed in MiB/s (0: no limit), bwlimit in KiB/s; "
          + "the lower of the last two holds",
        "Proxmox VE turns auto-converge and XBZRLE on by itself, and raises migrate_downtime step "
          + "by step where the end is not reached: the pause can get longer than was asked for",
        "type=insecure leaves out the SSH tunnel, whose one thread seldom fills 10 Gbit/s: for a "
          + "network of its own only",
      ])
  }
}

/// A `MigrationPolicy`.
///
/// Source: kubevirt.io/api, migrations/v1alpha1 `MigrationPolicySpec`.
struct KubeVirtSettings {
  let plan: MigrationPlan

  init(_ plan: MigrationPlan) { self.plan = plan }

  var settings: PlatformSettings {
    let isPostcopy = plan.technique.isPostcopy
    var lines = [
      "apiVersion: migrations.kubevirt.io/v1alpha1", "kind: MigrationPolicy", "metadata:",
      "  name: cutover-advice", "spec:", "  selectors:", "    virtualMachineInstanceSelector:",
      "      migration-policy: cutover-advice",
      "  allowAutoConverge: \(plan.technique == .autoconverge)",
      "  allowPostCopy: \(isPostcopy)", "  allowWorkloadDisruption: \(isPostcopy)",
      "  bandwidthPerMigration: \(plan.mebibytesPerSecond)Mi",
    ]
    if let seconds = isPostcopy ? plan.firstCopy.siValue : plan.timeLimit?.siValue {
      lines.append(
        "  completionTimeoutPerGiB: \(plan.perGibibyte(seconds) + (isPostcopy ? 1 : 0))")
    }
    var remarks = [
      "give the machine's template the label migration-policy: cutover-advice",
      "a policy has no downtime limit: QEMU's 300 ms holds",
      "completionTimeoutPerGiB is whole seconds per GiB of memory and disks"
        + (isPostcopy ? "; when it is over KubeVirt switches to post-copy" : ", rounded down"),
    ]
    if plan.downtimeMilliseconds < 300 {
      remarks[1] += ", and \(plan.downtimeMilliseconds) ms is what should be set"
    }
    return PlatformSettings(
      platform: .kubevirt,
      steps: [.init(place: "kubectl apply -f -", lines: lines)], remarks: remarks)
  }
}
