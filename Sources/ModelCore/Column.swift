/// A column of real numbers in which cells may be missing.
///
/// Missing is not zero: the subscript answers `nil`. Inside, a missing cell is a NaN, which is
/// safe because no reader and no model may produce one as a value; `init(storage:)` is where
/// that is relied on.
public struct NumericColumn: Sendable, Equatable {
  /// One double per row, missing cells as NaN. For kernels; everything else uses the subscript.
  public private(set) var storage: [Double]

  public init(storage: [Double] = []) {
    self.storage = storage
  }

  public init(_ values: [Double?]) {
    storage = values.map { $0 ?? .nan }
  }

  public var count: Int { storage.count }

  public var missingCount: Int { storage.reduce(0) { $0 + ($1.isNaN ? 1 : 0) } }

  public subscript(row: Int) -> Double? {
    let value = storage[row]
    return value.isNaN ? nil : value
  }

  public mutating func append(_ value: Double?) {
    storage.append(value ?? .nan)
  }

  public mutating func reserveCapacity(_ rows: Int) {
    storage.reserveCapacity(rows)
  }

  public func selecting(_ rows: [Int]) -> NumericColumn {
    NumericColumn(storage: rows.map { storage[$0] })
  }

  /// Equal cell by cell; two missing cells are equal.
  public static func == (left: NumericColumn, right: NumericColumn) -> Bool {
    left.count == right.count
      && zip(left.storage, right.storage).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }
  }
}

/// A column of text, kept as one run of UTF-8 bytes; an empty cell is a missing one.
public struct TextColumn: Sendable, Equatable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  public init() {}

  public init(_ values: [String?]) {
    for value in values { append(value) }
  }

  public var count: Int { ends.count }

  public var missingCount: Int { (0..<count).reduce(0) { $0 + (range($1).isEmpty ? 1 : 0) } }

  public subscript(row: Int) -> String? {
    let range = range(row)
    return range.isEmpty ? nil : String(decoding: bytes[range], as: UTF8.self)
  }

  public mutating func append(_ value: String?) {
    if let value { bytes.append(contentsOf: value.utf8) }
    ends.append(bytes.count)
  }

  /// Appends a cell from a buffer of valid UTF-8; the readers' path, which the generic one is too
  /// slow for across modules.
  public mutating func append(utf8 cell: UnsafeBufferPointer<UInt8>) {
    bytes.append(contentsOf: cell)
    ends.append(bytes.count)
  }

  /// Appends a cell from bytes that the caller knows to be valid UTF-8.
  public mutating func append(utf8 cell: some Sequence<UInt8>) {
    bytes.append(contentsOf: cell)
    ends.append(bytes.count)
  }

  /// Appends the cells of another column.
  public mutating func append(_ other: TextColumn) {
    let offset = bytes.count
    bytes += other.bytes
    ends += other.ends.lazy.map { $0 + offset }
  }

  /// The bytes of one cell, without a copy into a `String`.
  public func withBytes<Result>(
    of row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> Result
  ) rethrows -> Result {
    let range = range(row)
    return try bytes.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  public func selecting(_ rows: [Int]) -> TextColumn {
    var answer = TextColumn()
    for row in rows { answer.append(utf8: bytes[range(row)]) }
    return answer
  }

  private func range(_ row: Int) -> Range<Int> {
    (row == 0 ? 0 : ends[row - 1])..<ends[row]
  }
}

/// What a column holds: numbers, text, or yes and no.
public enum ColumnValues: Sendable, Equatable {
  case numbers(NumericColumn)
  case text(TextColumn)
  case flags([Bool?])

  public var count: Int {
    switch self {
    case .numbers(let column): column.count
    case .text(let column): column.count
    case .flags(let column): column.count
    }
  }

  public var missingCount: Int {
    switch self {
    case .numbers(let column): column.missingCount
    case .text(let column): column.missingCount
    case .flags(let column): column.reduce(0) { $0 + ($1 == nil ? 1 : 0) }
    }
  }

  public func selecting(_ rows: [Int]) -> ColumnValues {
    switch self {
    case .numbers(let column): .numbers(column.selecting(rows))
    case .text(let column): .text(column.selecting(rows))
    case .flags(let column): .flags(rows.map { column[$0] })
    }
  }
}

/// A named column.
public struct Column: Sendable, Equatable {
  public var name: String
  public var values: ColumnValues

  public init(_ name: String, _ values: ColumnValues) {
    self.name = name
    self.values = values
  }

  public init(_ name: String, numbers: [Double?]) {
    self.init(name, .numbers(NumericColumn(numbers)))
  }

  public init(_ name: String, text: [String?]) {
    self.init(name, .text(TextColumn(text)))
  }

  public init(_ name: String, flags: [Bool?]) {
    self.init(name, .flags(flags))
  }
}
