/// The kinds of logs that are read. The raw value is what `--from` takes and `source_format` says.
public enum LogKind: String, Sendable, CaseIterable {
  case trace
  case csv
  case qmp
  case hmp
  case domjobinfo
  case domstats
  case proxmox
  case kubevirt
  case vmim
  case kubevirtMetrics = "kubevirt-metrics"
  case nova
  case novaLog = "nova-log"
  case ovirt
  case xen
  case vmware
  case cloudHypervisor = "cloud-hypervisor"
  case guestperf

  /// What it is, for help and messages.
  public var title: String {
    switch self {
    case .trace: "Cutover's own trace table (CSV)"
    case .csv: "any other CSV, with --map"
    case .qmp: "QEMU monitor replies in JSON: query-migrate, query-dirty-rate and others"
    case .hmp: "QEMU human monitor: info migrate, info dirty_rate"
    case .domjobinfo: "virsh domjobinfo, as text or with --rawstats"
    case .domstats: "virsh domstats --dirtyrate"
    case .proxmox: "Proxmox VE task log of a migration"
    case .kubevirt: "KubeVirt virt-launcher log"
    case .vmim: "KubeVirt VirtualMachineInstanceMigration, YAML or JSON"
    case .kubevirtMetrics: "KubeVirt metrics in Prometheus' text format"
    case .nova: "OpenStack Nova server migrations (API, JSON)"
    case .novaLog: "OpenStack nova-compute log"
    case .ovirt: "oVirt vdsm log"
    case .xen: "Xen xl migrate output"
    case .vmware: "VMware vmkernel.log or vmware.log"
    case .cloudHypervisor: "Cloud Hypervisor log"
    case .guestperf: "QEMU guestperf report (JSON)"
    }
  }
}
