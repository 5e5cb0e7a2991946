import Foundation

/// Writes a file that is not there, under another name until it is whole.
func makeFile(_ path: String, _ write: (Int32) throws -> Void) throws {
  if FileManager.default.fileExists(atPath: path) { return }
  let unfinished = path + ".unfinished"
  let file = open(unfinished, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
  guard file >= 0 else { throw CommandFailed(command: ["open", unfinished], status: errno) }
  defer { close(file) }
  try write(file)
  try FileManager.default.moveItem(atPath: unfinished, toPath: path)
}
