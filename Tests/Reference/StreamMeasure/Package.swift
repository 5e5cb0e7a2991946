// swift-tools-version: 6.2
import PackageDescription

// Measures time and memory of a streamed fit; apart from the package, so that the package has no
// executable that no user needs:
//
//     swift run -c release --package-path Tests/Reference/StreamMeasure stream-measure \
//       ROWS BATCH THREADS
let package = Package(
  name: "StreamMeasure",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Cutover", path: "../../..")],
  targets: [
    .executableTarget(
      name: "stream-measure", dependencies: [.product(name: "Cutover", package: "Cutover")])
  ],
  swiftLanguageModes: [.v6])
