package silent;
