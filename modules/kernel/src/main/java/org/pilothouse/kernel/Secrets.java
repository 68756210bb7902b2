package org.pilothouse.kernel;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** What needs the installation's key or secure randomness. One key a purpose is derived from it. */
public final class Secrets {
  private static final int NONCE = 12;
  private static final int TAG_BITS = 128;
  private static final byte VERSION = 1;

  private final SecureRandom random;
  private final byte[] sealing;
  private final byte[] csrf;

  public Secrets(byte[] key, SecureRandom random) {
    this.random = random;
    this.sealing = hmac(key, "pilothouse sealing v1".getBytes(StandardCharsets.US_ASCII));
    this.csrf = hmac(key, "pilothouse csrf v1".getBytes(StandardCharsets.US_ASCII));
  }

  /** 256 random bits in base64url, 43 characters. */
  public String token() {
    byte[] bits = new byte[32];
    random.nextBytes(bits);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
  }

  public byte[] random(int length) {
    byte[] bytes = new byte[length];
    random.nextBytes(bytes);
    return bytes;
  }

  /**
   * SHA-256 is enough for a token: with 256 random bits there is nothing to guess, so nothing that
   * a slow hash would slow down.
   */
  public static byte[] hash(String token) {
    return sha256(token.getBytes(StandardCharsets.UTF_8));
  }

  public static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The CSRF token of a session; it says nothing about the session's own secret. */
  public String csrfToken(byte[] sessionHash) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(hmac(csrf, sessionHash));
  }

  /** Compares in a time that does not depend on where they differ. */
  public static boolean same(String a, String b) {
    return MessageDigest.isEqual(hash(a), hash(b));
  }

  /**
   * AES-256-GCM.
   *
   * @param context what the secret belongs to; it opens nowhere else
   */
  public byte[] seal(byte[] plain, String context) {
    byte[] nonce = random(NONCE);
    byte[] sealed = crypt(Cipher.ENCRYPT_MODE, nonce, plain, context);
    return ByteBuffer.allocate(1 + NONCE + sealed.length)
        .put(VERSION)
        .put(nonce)
        .put(sealed)
        .array();
  }

  /**
   * @throws IllegalArgumentException when it was not sealed by this key for this context
   */
  public byte[] open(byte[] sealed, String context) {
    if (sealed.length < 1 + NONCE + TAG_BITS / 8 || sealed[0] != VERSION) {
      throw new IllegalArgumentException("not a sealed secret");
    }
    return crypt(
        Cipher.DECRYPT_MODE,
        Arrays.copyOfRange(sealed, 1, 1 + NONCE),
        Arrays.copyOfRange(sealed, 1 + NONCE, sealed.length),
        context);
  }

  private byte[] crypt(int mode, byte[] nonce, byte[] text, String context) {
    try {
      Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
      cipher.init(mode, new SecretKeySpec(sealing, "AES"), new GCMParameterSpec(TAG_BITS, nonce));
      cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
      return cipher.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("the secret does not open", e);
    }
  }

  private static byte[] hmac(byte[] key, byte[] text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
