import Foundation
import ModelCore
import Traces

/// The files to convert: the ones named, and those below the folders named.
struct LogPaths {
  let sources: [LogSource]
  /// Whether each was named itself, so that its failure is one of the whole.
  let isNamed: [Bool]

  init(_ arguments: [String]) throws {
    var files: [(path: String, isNamed: Bool)] = []
    for argument in arguments {
      var isFolder: ObjCBool = false
      if argument != "-", FileManager.default.fileExists(atPath: argument, isDirectory: &isFolder),
        isFolder.boolValue
      {
        let below = Self.files(below: argument)
        if below.isEmpty { throw EmptyFolder(path: argument) }
        files += below.map { ($0, false) }
      } else {
        files.append((argument, true))
      }
    }
    if files.count(where: { $0.path == "-" }) > 1 {
      throw UsageError("- (stdin) can be read only once")
    }
    let ids = LogSource.ids(paths: files.map { $0.path == "-" ? "<stdin>" : $0.path })
    sources = zip(files, ids).map { file, id in
      LogSource(path: file.path, id: id, size: Self.size(file.path))
    }
    isNamed = files.map(\.isNamed)
  }

  /// All files below a folder, hidden ones aside, by path.
  private static func files(below folder: String) -> [String] {
    let paths = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
    let separator = folder.hasSuffix("/") ? "" : "/"
    return paths.filter { path in !path.split(separator: "/").contains { $0.hasPrefix(".") } }
      .map { folder + separator + $0 }
      .filter { path in
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
          && !isFolder.boolValue
      }
      .sorted()
  }

  private static func size(_ path: String) -> Int? {
    guard path != "-" else { return nil }
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue
  }

  private struct EmptyFolder: Failure {
    let path: String
    var category: FailureCategory { .noInput }
    var description: String { "\(path): no files in this folder" }
  }
}
