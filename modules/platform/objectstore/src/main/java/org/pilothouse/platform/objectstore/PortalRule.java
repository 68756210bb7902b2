package org.pilothouse.platform.objectstore;

import java.time.Duration;
import software.amazon.awssdk.services.s3.model.CORSRule;

/** What the portal's browsers need of a bucket, as one rule of its CORS configuration. */
final class PortalRule {
  private static final String ID = "pilothouse-portal";
  private static final Duration REMEMBERED = Duration.ofHours(1);

  private PortalRule() {}

  /** The ETag of a part names it at the completion; a page may read no header that is not named. */
  static CORSRule of(PortalOrigins portal) {
    return CORSRule.builder()
        .id(ID)
        .allowedOrigins(portal.origins())
        .allowedMethods("GET", "HEAD", "PUT")
        .allowedHeaders("Accept", "Content-Type", "Content-Length", "Range")
        .exposeHeaders("ETag")
        .maxAgeSeconds(Math.toIntExact(REMEMBERED.toSeconds()))
        .build();
  }

  static boolean isOurs(CORSRule rule) {
    return ID.equals(rule.id());
  }
}
