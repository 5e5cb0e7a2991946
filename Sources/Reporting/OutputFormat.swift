/// How a result is written.
public enum OutputFormat: String, Sendable, CaseIterable {
  /// Aligned columns for a person at a terminal.
  case text
  /// RFC 4180 for programs, SI units, shortest decimals that read back exactly.
  case csv
  /// An array of objects, one a row.
  case json
  /// A pipe table for documents.
  case markdown

  /// The extension of a file of this format, without the point.
  public var fileExtension: String {
    switch self {
    case .text: "txt"
    case .csv: "csv"
    case .json: "json"
    case .markdown: "md"
    }
  }

  /// The format that a file's name asks for.
  ///
  /// - Throws: `OutputError.unknownExtension` for anything but `.txt`, `.csv`, `.json`, `.md`
  ///   (in any letter case).
  public init(path: String) throws(OutputError) {
    let name = path.split(separator: "/").last ?? ""
    let ending = name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last
    guard
      let wanted = ending?.lowercased(),
      let format = Self.allCases.first(where: { $0.fileExtension == wanted })
    else { throw .unknownExtension(path: path) }
    self = format
  }
}
