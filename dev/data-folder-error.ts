/** Codes by which a file system reports that a folder can't be written. */
const UNUSABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'ENOTDIR', 'EISDIR', 'ENOENT'])

/** Turns a file system's error within a data folder into one that names what to do about it. Others stay as they are. */
export function dataFolderError(error: unknown, dataDir: string): unknown {
  const { code = '', path, message } = error as NodeJS.ErrnoException
  if (!UNUSABLE.has(code) || !path?.startsWith(dataDir)) return error
  return new Error(
    `The data folder ${dataDir} can't be used (${message}): mend its permissions or its disk, or name another by --data FOLDER`,
    { cause: error },
  )
}
