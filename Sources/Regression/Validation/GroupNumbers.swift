import ModelCore
import Statistics

extension Design {
  /// The group of each row as a number, in order of first appearance, and how many there are: what
  /// `distinctGroups` makes of `groups(column)`, without the labels of a numeric column.
  ///
  /// - Throws: as `groups`.
  func groupNumbers(_ column: String) throws(ValidationError) -> (group: [Int], count: Int) {
    guard let cells = table.numbersIfPresent(column)?.storage,
      rows.allSatisfy({ !cells[$0].isNaN })
    else { return distinctGroups(try groups(column)) }
    var numbers: [UInt64: Int] = [:]
    var (last, number): (UInt64?, Int) = (nil, 0)
    // Different doubles have different labels: -0 and 0, too.
    let group = rows.map { row in
      let bits = cells[row].bitPattern
      // Rows of a group often stand together.
      if bits == last { return number }
      last = bits
      if let known = numbers[bits] {
        number = known
      } else {
        number = numbers.count
        numbers[bits] = number
      }
      return number
    }
    return (group, numbers.count)
  }
}
