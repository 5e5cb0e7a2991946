// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that a normal build knows nothing of sanitizers. `run.sh` passes
// -sanitize=fuzzer,address to every module; libFuzzer brings `main`.

let package = Package(
  name: "CutoverFuzzing",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Cutover", path: "..")],
  targets: [
    .executableTarget(
      name: "CutoverFuzz",
      dependencies: [.product(name: "Cutover", package: "Cutover")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ],
  swiftLanguageModes: [.v6],
  cxxLanguageStandard: .cxx17
)
