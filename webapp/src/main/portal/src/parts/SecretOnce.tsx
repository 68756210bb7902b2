import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { QrCode } from './QrCode';

/** A secret that the platform keeps only as a hash: copied or scanned now, or never. */
export function SecretOnce({ secret, label, qr }: { secret: string; label: string; qr?: string }) {
  return (
    <div className="ph-secret">
      {qr && <QrCode text={qr} label={`${label} as a QR code`} />}
      <div className="ph-secret-side">
        <div className="ph-secret-text" data-secret>
          {secret}
        </div>
        <CopyButton value={secret} timeout={2000}>
          {({ copied, copy }) => (
            <Button
              variant="default"
              onClick={copy}
              leftSection={copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
            >
              {copied ? 'Copied' : `Copy the ${label.toLowerCase()}`}
            </Button>
          )}
        </CopyButton>
      </div>
    </div>
  );
}
