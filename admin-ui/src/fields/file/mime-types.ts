/** Kinds of files that are usually wanted together. */
export const FILE_TYPE_SETS = {
  images: ["image/jpeg", "image/png", "image/gif", "image/webp", "image/avif", "image/svg+xml"],
  documents: [
    "application/pdf",
    "application/msword",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.ms-excel",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "text/csv",
    "text/plain",
  ],
  audio: ["audio/mpeg", "audio/ogg", "audio/wav", "audio/aac", "audio/flac"],
  video: ["video/mp4", "video/webm", "video/quicktime", "video/x-msvideo"],
  archives: ["application/zip", "application/gzip", "application/x-tar", "application/x-7z-compressed"],
} as const;
