package org.pilothouse.batch.internal;

import jakarta.transaction.TransactionManager;
import java.util.Properties;
import java.util.concurrent.Executor;
import org.jberet.repository.JobRepository;
import org.jberet.spi.ArtifactFactory;
import org.jberet.spi.BatchEnvironment;
import org.jberet.spi.JobTask;
import org.jberet.spi.JobXmlResolver;
import org.jberet.tools.MetaInfBatchJobsJobXmlResolver;
import org.jberet.tx.LocalTransactionManager;

/** What JBeret needs of a server, without one: the same in Open Liberty and in a test. */
final class JberetEnvironment implements BatchEnvironment {
  private final Executor executor;
  private final ArtifactFactory artifacts;
  private final JobRepository repository;
  private final JobXmlResolver jobs = new MetaInfBatchJobsJobXmlResolver();

  JberetEnvironment(Executor executor, ArtifactFactory artifacts, JobRepository repository) {
    this.executor = executor;
    this.artifacts = artifacts;
    this.repository = repository;
  }

  @Override
  public ClassLoader getClassLoader() {
    return JberetEnvironment.class.getClassLoader();
  }

  @Override
  public ArtifactFactory getArtifactFactory() {
    return artifacts;
  }

  @Override
  public void submitTask(JobTask task) {
    executor.execute(task);
  }

  /** No step takes part in a distributed transaction: each change is one of the rooms' own. */
  @Override
  public TransactionManager getTransactionManager() {
    return LocalTransactionManager.getInstance();
  }

  @Override
  public JobRepository getJobRepository() {
    return repository;
  }

  @Override
  public JobXmlResolver getJobXmlResolver() {
    return jobs;
  }

  @Override
  public Properties getBatchConfigurationProperties() {
    return new Properties();
  }

  @Override
  public String getApplicationName() {
    return "pilothouse";
  }
}
