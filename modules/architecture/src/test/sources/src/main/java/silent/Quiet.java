package silent;

class Quiet {}
