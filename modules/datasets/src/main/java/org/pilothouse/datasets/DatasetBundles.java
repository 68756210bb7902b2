package org.pilothouse.datasets;

import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.pilothouse.kernel.PilotId;
import org.pilothouse.kernel.Problem;
import org.pilothouse.platform.web.Caller;

/**
 * Datasets whose bytes are several objects that another room writes: a manifest, which is what the
 * pointer names, and the parts that the manifest names with their checksums. Parts lie beside the
 * manifest; a sweep leaves them alone, and they go with the dataset. Or they are one object, which
 * is then what the pointer names.
 *
 * <p>There is no way to a pointer but over bytes that were read back.
 */
public interface DatasetBundles {
  /**
   * Where the objects of a bundle go.
   *
   * @param prefix of every key of it, with the slash at its end
   * @param manifestKey of the object that the pointer will name
   */
  record Opened(DatasetId id, String prefix, String manifestKey) {}

  /** Where the one object of a dataset goes. */
  record OpenedFile(DatasetId id, String key) {}

  /** An object as it should be. */
  record Part(String key, long size, Checksum checksum) {}

  /** Parts that were read back and are what they should be; only this room makes one. */
  interface ReadParts {}

  /** A bundle of which all was read back, the manifest too; only this room makes one. */
  interface Sealed {}

  /**
   * Puts a bundle into the catalogue, in {@code uploading}. One that nobody goes on with is given
   * up like any upload.
   *
   * @param wanted its size counts nothing
   * @throws Problem {@code limit_reached}
   */
  Opened open(Caller caller, PilotId pilot, NewDataset wanted);

  /**
   * Says that somebody still writes it.
   *
   * @return false when it was given up meanwhile
   */
  boolean goOn(PilotId pilot, DatasetId id);

  /**
   * Reads all parts back from the store.
   *
   * @param between called after each piece that was read, for whoever must say that it is alive
   * @throws Problem {@code object_missing}, {@code size_mismatch}, {@code checksum_mismatch}, or
   *     {@code conflict} for a key that is not the bundle's
   */
  ReadParts readBack(PilotId pilot, DatasetId id, List<Part> parts, Runnable between);

  /**
   * The same of a dataset of one object.
   *
   * @throws Problem {@code limit_reached}
   */
  OpenedFile openFile(Caller caller, PilotId pilot, NewDataset wanted);

  /**
   * Counts the object's bytes against the quota and reads it back from the store.
   *
   * @param between called after each piece that was read, for whoever must say that it is alive
   * @throws Problem {@code object_missing}, {@code size_mismatch}, {@code checksum_mismatch},
   *     {@code limit_reached}, or {@code conflict} when it is no longer being written
   */
  Sealed readBackFile(PilotId pilot, DatasetId id, Part file, Runnable between);

  /**
   * Puts the manifest where there is none, and reads it back. The same again changes nothing.
   *
   * @throws Problem {@code conflict} when another manifest is there
   */
  Sealed seal(ReadParts parts, byte[] manifest);

  /**
   * Makes it available and tells the backbone, in the caller's transaction, as the last thing in
   * it.
   *
   * @param tags that it gets beside those it was opened with
   * @throws Problem {@code conflict} when it is no longer being written
   */
  Dataset publish(Handle transaction, Sealed bundle, Map<String, Object> tags);

  /**
   * The same of a bundle that corrects another dataset: the backbone is told which.
   *
   * @throws Problem {@code conflict} when it is no longer being written
   */
  Dataset revise(Handle transaction, Sealed bundle, DatasetId revised, Map<String, Object> tags);

  /** Ends a bundle that nothing is to come of; nothing where it has ended otherwise. */
  void giveUp(Handle transaction, PilotId pilot, DatasetId id);
}
