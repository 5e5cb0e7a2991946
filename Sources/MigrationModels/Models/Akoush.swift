import ModelCore

/// What the models of Akoush et al. share.
enum Akoush {
  static let source =
    "S. Akoush, R. Sohan, A. Rice, A. W. Moore, A. Hopper: Predicting the performance of "
    + "virtual machine migration, MASCOTS 2010"

  static let techniques = Glossary.techniques.filter { $0.hasPrefix("precopy") }

  static let overheads = [
    ParameterDefinition(
      "pre_overhead_s", unit: "s", domain: .nonNegative, default: 0,
      "O_pre: initialisation and reservation"),
    ParameterDefinition(
      "post_overhead_s", unit: "s", domain: .nonNegative, default: 0,
      "O_post: commitment and activation, part of the downtime"),
  ]

  static let reading =
    "Xen's constants whatever the row's hypervisor: 50 pages, 29 iterations, 3 x memory; "
    + "resume_time_s, where a row has it, stands in for O_post"
}
