package org.pilothouse.datasets.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import org.apache.tika.detect.Detector;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MediaTypeRegistry;
import org.apache.tika.mime.MimeTypes;

/** What bytes are, whatever they were said to be. */
final class ContentTypes {
  private static final Detector DETECTOR = MimeTypes.getDefaultMimeTypes();
  private static final MediaTypeRegistry TYPES =
      MimeTypes.getDefaultMimeTypes().getMediaTypeRegistry();

  /** Registered with IANA under another name than the detector's. */
  private static final Map<String, String> REGISTERED =
      Map.of("application/x-parquet", "application/vnd.apache.parquet");

  private ContentTypes() {}

  /**
   * What the first bytes show, or what was declared where that is a kind of it: bytes that are a
   * text may well be CSV, and never an image.
   */
  static String of(byte[] head, String declared) {
    if (head.length == 0) {
      return declared;
    }
    MediaType seen = detect(head);
    MediaType said = MediaType.parse(declared);
    return said != null && fits(said.getBaseType(), seen) ? declared : registered(seen);
  }

  private static boolean fits(MediaType said, MediaType seen) {
    if (seen.equals(MediaType.OCTET_STREAM)) {
      // Nobody knows these bytes; but they are no text, and images are known.
      return !isText(said) && !said.getType().equals("image");
    }
    if (seen.equals(MediaType.TEXT_PLAIN)) {
      return isText(said);
    }
    return said.toString().equals(registered(seen)) || TYPES.isSpecializationOf(said, seen);
  }

  private static boolean isText(MediaType said) {
    String type = said.toString().toLowerCase(Locale.ROOT);
    return said.getType().equals("text")
        || type.endsWith("json")
        || type.endsWith("xml")
        || type.endsWith("yaml")
        || TYPES.isSpecializationOf(said, MediaType.TEXT_PLAIN);
  }

  private static String registered(MediaType seen) {
    String name = seen.getBaseType().toString();
    return REGISTERED.getOrDefault(name, name);
  }

  private static MediaType detect(byte[] head) {
    try {
      return DETECTOR.detect(new ByteArrayInputStream(head), new Metadata());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
