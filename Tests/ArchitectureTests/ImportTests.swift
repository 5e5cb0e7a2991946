import Foundation
import TestSupport
import Testing

/// The arrows between targets are the architecture: the table in
/// `Documentation/Architecture.md` is the law, the package description and the import lines are
/// held against it.
@Suite struct ImportTests {
  /// Target -> what it may import, from the table of the document.
  static let allowed: [String: Set<String>] = {
    let url = Fixtures.checkout.appending(path: "Documentation/Architecture.md")
    let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    var answer: [String: Set<String>] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("| `") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count == 3 else { continue }
      answer[names(cells[0]).first ?? ""] = Set(names(cells[2]))
    }
    return answer
  }()

  private static func names(_ cell: String) -> [String] {
    cell.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { $0.offset % 2 == 1 }.map { String($0.element) }
  }

  static let systemModules: Set<String> = [
    "Foundation", "FoundationEssentials", "Dispatch", "Glibc",
    "Musl", "Darwin", "Synchronization",
  ]

  static let sources = Fixtures.checkout.appending(path: "Sources")

  @Test func theTableNamesEveryTarget() throws {
    let folders = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    #expect(Set(folders) == Set(Self.allowed.keys))
  }

  @Test func importsFollowTheTable() throws {
    var lines = 0
    for (target, allowed) in Self.allowed {
      let folder = Self.sources.appending(path: target)
      let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
      while let url = files?.nextObject() as? URL {
        guard url.pathExtension == "swift" else { continue }
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n") {
          let words = line.split(separator: " ")
          guard let position = words.firstIndex(of: "import"), position < 2,
            let module = words.last.map(String.init),
            position == 0 || ["public", "package", "internal", "@testable"].contains(words[0])
          else { continue }
          lines += 1
          #expect(
            allowed.contains(module) || Self.systemModules.contains(module),
            "\(target)/\(url.lastPathComponent) imports \(module)")
        }
      }
    }
    #expect(lines > 50)
  }

  /// The manifest, as the package manager reads it.
  @Test func manifestFollowsTheTable() throws {
    let runner = try CommandRunner()
    defer { runner.remove() }
    let swift = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let result = try runner.run(
      "PATH=\"\(swift)\" HOME=\"$TMP\" swift package --scratch-path \"$TMP/build\" dump-package")
    #expect(result.status == 0, "\(result.errors)")
    let manifest = try JSONDecoder().decode(Manifest.self, from: Data(result.output.utf8))
    for target in manifest.targets where target.type != "test" && target.name != "TestSupport" {
      let allowed = try #require(Self.allowed[target.name], "\(target.name)")
      for dependency in target.dependencies.compactMap(\.name) {
        #expect(allowed.contains(dependency), "\(target.name) -> \(dependency)")
      }
    }
    #expect(manifest.targets.count > 20)
  }

  /// Only one Swift target may see each C library.
  @Test func eachCLibraryHasOneDoor() {
    // C targets are called C and a name: CLAPACK, CZlib.
    let libraries = Self.allowed.keys.filter {
      $0.hasPrefix("C") && $0.dropFirst().first?.isUppercase ?? false
    }
    #expect(libraries.count == 6)
    for library in libraries {
      let users = Self.allowed.filter { $0.value.contains(library) }.map(\.key)
      #expect(users.count == 1, "\(library): \(users)")
    }
  }

  private struct Manifest: Decodable {
    struct Target: Decodable {
      var name: String
      var type: String
      var dependencies: [Dependency]
    }
    struct Dependency: Decodable {
      var byName: [String?]?
      var product: [ProductPart]?
      var name: String? {
        if let byName { return byName.first ?? nil }
        if case .text(let name)? = product?.first { return name }
        return nil
      }
    }
    enum ProductPart: Decodable {
      case text(String)
      case other
      init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        self = (try? container.decode(String.self)).map(ProductPart.text) ?? .other
      }
    }
    var targets: [Target]
  }
}
