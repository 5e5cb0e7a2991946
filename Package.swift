// swift-tools-version: 6.2
import PackageDescription

// The direction of the arrows below is the architecture; `ArchitectureTests` fails on
// one that `Documentation/Architecture.md` does not have.

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let package = Package(
  name: "Cutover",
  platforms: [.macOS(.v15)],
  products: [
    .executable(name: "cutover", targets: ["cutover"]),
    .library(
      name: "Cutover",
      targets: [
        "Quantities", "ModelCore", "MigrationModels", "QueueingModels", "LinearAlgebra",
        "Statistics", "Regression", "Calibration", "Traces", "Reporting",
      ]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    // YAML (MIT; the libyaml inside is MIT, too).
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    // The C boundary. Each header says which Debian package to install when it is missing.
    // On Linux LAPACK is loaded when it is first called: most commands never do.
    .target(
      name: "CLAPACK",
      linkerSettings: [
        .linkedLibrary("openblas", .when(platforms: [.macOS])),
        .linkedLibrary("lapacke", .when(platforms: [.macOS])),
      ]),
    .target(name: "CBoostMath"),
    .target(name: "CFastFloat"),
    .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),
    .target(name: "CZlib", linkerSettings: [.linkedLibrary("z")]),
    .target(name: "CZstd", linkerSettings: [.linkedLibrary("zstd")]),
    // Loops that see every byte or row, for the oldest processor and, chosen at run time, newer
    // ones. No product may be fused with a sum: all variants give the same bits.
    .target(name: "Kernels", dependencies: ["CFastFloat"]),

    .target(
      name: "LinearAlgebra", dependencies: ["CLAPACK", "Kernels"], swiftSettings: strict),
    .target(
      name: "Statistics", dependencies: ["LinearAlgebra", "CBoostMath"], swiftSettings: strict),
    .target(name: "Quantities", swiftSettings: strict),
    .target(
      name: "ModelCore", dependencies: ["Quantities", "Kernels"], swiftSettings: strict),
    .target(
      name: "MigrationModels", dependencies: ["ModelCore", "Quantities", "Statistics", "Kernels"],
      swiftSettings: strict),
    .target(
      name: "QueueingModels",
      dependencies: ["ModelCore", "Quantities", "LinearAlgebra", "Statistics"],
      swiftSettings: strict),
    .target(
      name: "Regression", dependencies: ["ModelCore", "LinearAlgebra", "Statistics"],
      swiftSettings: strict),
    .target(
      name: "Calibration",
      dependencies: [
        "ModelCore", "Quantities", "MigrationModels", "LinearAlgebra", "Regression", "Statistics",
      ],
      swiftSettings: strict),
    .target(
      name: "Traces",
      dependencies: [
        "ModelCore", "Quantities", "Kernels", "CSimdjson", "CZlib", "CZstd",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .target(name: "Reporting", dependencies: ["ModelCore", "Quantities"], swiftSettings: strict),
    .target(
      name: "Benchmarking",
      dependencies: [
        "LinearAlgebra", "MigrationModels", "ModelCore", "QueueingModels", "Regression",
        "Reporting", "Statistics", "Traces",
      ],
      exclude: ["Peers"],
      swiftSettings: strict),
    .target(
      name: "CutoverCommands",
      dependencies: [
        "Quantities", "ModelCore", "MigrationModels", "QueueingModels", "LinearAlgebra",
        "Statistics", "Regression", "Calibration", "Traces", "Reporting", "Benchmarking",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      // In the code, so that the command is one file wherever it is moved.
      resources: [.embedInCode("Verification/Data")],
      swiftSettings: strict),
    .executableTarget(
      name: "cutover", dependencies: ["CutoverCommands"], swiftSettings: strict),

    .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: strict),
    .testTarget(
      name: "QuantitiesTests", dependencies: ["Quantities", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "LinearAlgebraTests", dependencies: ["LinearAlgebra", "Kernels", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "StatisticsTests", dependencies: ["Statistics"],
      swiftSettings: strict),
    .testTarget(
      name: "RegressionTests",
      dependencies: ["Regression", "ModelCore", "LinearAlgebra", "Statistics", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "TracesTests", dependencies: ["Traces", "ModelCore", "Kernels", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ReportingTests", dependencies: ["Reporting", "ModelCore", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "MigrationModelsTests",
      dependencies: [
        "MigrationModels", "ModelCore", "Quantities", "Statistics", "TestSupport", "Kernels",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "QueueingModelsTests",
      dependencies: ["QueueingModels", "ModelCore", "LinearAlgebra", "Statistics", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "CalibrationTests",
      dependencies: [
        "Calibration", "ModelCore", "MigrationModels", "Quantities", "Regression", "Statistics",
        "Traces", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "CutoverCommandsTests",
      dependencies: [
        "CutoverCommands", "cutover", "ModelCore", "TestSupport", "Traces",
        .product(name: "Yams", package: "Yams"),
      ],
      swiftSettings: strict),
    .testTarget(
      name: "ArchitectureTests", dependencies: ["TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "ModelCoreTests", dependencies: ["ModelCore", "Kernels", "TestSupport"],
      swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
